import assert from 'node:assert/strict';
import { it } from 'node:test';
import { allSettled } from '../src/settled.ts';

it('gives all results in order', async () => {
  assert.deepEqual(await allSettled([Promise.resolve(1), Promise.resolve(2)]), [1, 2]);
});

it('comes back only when every job has ended, with the first failure in time', async () => {
  const slow = Promise.withResolvers<void>();
  const later = Promise.withResolvers<void>();
  let failures = 0;
  let done = false;
  const all = allSettled([slow.promise, Promise.reject(new Error('first')), later.promise], () => failures++);
  const watched = all.catch((error: Error) => {
    done = true;
    return error.message;
  });
  await new Promise(setImmediate);
  assert.deepEqual([failures, done], [1, false]);
  later.reject(new Error('second'));
  slow.resolve();
  assert.equal(await watched, 'first');
  assert.equal(failures, 1);
});
