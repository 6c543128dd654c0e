import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitForAll } from '../../src/util/wait-for-all.ts';

it('resolves to all values in order', async () => {
  assert.deepEqual(await waitForAll([Promise.resolve(1), Promise.resolve(2)]), [1, 2]);
});

it('rejects only when every promise has settled, with the first failure in time', async () => {
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
