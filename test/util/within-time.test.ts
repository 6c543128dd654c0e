import assert from 'node:assert/strict';
import { it } from 'node:test';
import { withinTime } from '../../src/util/within-time.ts';

it('work that takes too long is not awaited, and other work is', async () => {
  await assert.rejects(withinTime(new Promise(() => {}), 10), { message: 'no answer in 0.01 seconds' });
  assert.equal(await withinTime(Promise.resolve(1), 10_000), 1);
  await assert.rejects(withinTime(Promise.reject(new Error('broken')), 10_000), { message: 'broken' });
});
