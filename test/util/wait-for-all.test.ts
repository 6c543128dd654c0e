import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitForAll } from '../../src/util/wait-for-all.ts';

it('gives all results in order', async () => {
  assert.deepEqual(await waitForAll([Promise.resolve(1), Promise.resolve(2)]), [1, 2]);
});

it('comes back only when every job has ended, with the first failure in time', async () => {
  const slow = Promise.withResolvers<void>();
  const later = Promise.withResolvers<void>();
  let failureCount = 0;
  let isDone = false;
  const all = waitForAll([slow.promise, Promise.reject(new Error('first')), later.promise], () => failureCount++);
  const caught = all.catch((error: Error) => {
    isDone = true;
    return error.message;
  });
  await new Promise(setImmediate);
  assert.deepEqual([failureCount, isDone], [1, false]);
  later.reject(new Error('second'));
  slow.resolve();
  assert.equal(await caught, 'first');
  assert.equal(failureCount, 1);
});
