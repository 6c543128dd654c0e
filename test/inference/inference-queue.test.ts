import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PanelvecError } from '../../src/errors.ts';
import { type QueueEntry, takeBatch } from '../../src/inference/inference-queue.ts';

function entry(fields: Partial<QueueEntry> = {}): QueueEntry {
  const item = { pixels: null, tokens: null, composition: null, outputs: [] };
  return {
    item,
    cost: 1,
    queuedAt: 0,
    signal: undefined,
    isRetry: false,
    suspicion: 0,
    isBulk: false,
    resolve: () => {},
    reject: () => {},
    ...fields,
  };
}

describe('taking a batch', () => {
  it('takes entries in order, up to the limit', () => {
    const queue = [entry(), entry(), entry()];
    const [first, second, third] = [...queue];
    assert.deepEqual(takeBatch(queue, 2), [first, second]);
    assert.deepEqual(queue, [third]);
  });

  it('counts the views of panels, and takes a panel of more views than the limit', () => {
    const queue = [entry({ cost: 5 }), entry(), entry({ cost: 5 }), entry()];
    const [first, second, third, fourth] = [...queue];
    assert.deepEqual(takeBatch(queue, 1), [first]);
    assert.deepEqual(takeBatch(queue, 3), [second, third]);
    assert.deepEqual(queue, [fourth]);
  });

  it('takes a retry alone, and never with others', () => {
    const [retry, other, later] = [entry({ isRetry: true }), entry(), entry({ isRetry: true })];
    const queue = [retry, other, later];
    assert.deepEqual(takeBatch(queue, 8), [retry]);
    assert.deepEqual(takeBatch(queue, 8), [other]);
    assert.deepEqual(takeBatch(queue, 8), [later]);
    assert.deepEqual(takeBatch(queue, 8), []);
  });

  it('rejects entries that were cancelled', () => {
    let rejected: PanelvecError | undefined;
    const cancelled = entry({ signal: AbortSignal.abort(), reject: (error) => (rejected = error) });
    const kept = entry();
    assert.deepEqual(takeBatch([cancelled, kept], 8), [kept]);
    assert.equal(rejected?.code, 'request_cancelled');
  });
});
