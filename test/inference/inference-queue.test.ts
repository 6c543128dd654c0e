import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PanelvecError } from '../../src/errors.ts';
import { type QueueEntry, takeBatch } from '../../src/inference/inference-queue.ts';

function entry(model: string, fields: Partial<QueueEntry> = {}): QueueEntry {
  const item = { pixels: null, tokens: null, composition: null, outputs: [] };
  return {
    model,
    item,
    cost: 1,
    queuedAt: 0,
    signal: undefined,
    isRetry: false,
    isBulk: false,
    resolve: () => {},
    reject: () => {},
    ...fields,
  };
}

describe('taking a batch', () => {
  it('takes one model, in order, up to the limit', () => {
    const [a1, b1, a2, a3] = [entry('a'), entry('b'), entry('a'), entry('a')];
    const queue = [a1, b1, a2, a3];
    assert.deepEqual(takeBatch(queue, 2), [a1, a2]);
    assert.deepEqual(queue, [b1, a3]);
  });

  it('counts the views of panels, and takes a panel of more views than the limit', () => {
    const queue = [entry('a', { cost: 5 }), entry('a'), entry('b'), entry('a', { cost: 5 }), entry('a')];
    const [a1, a2, b1, a3, a4] = [...queue];
    assert.deepEqual(takeBatch(queue, 1), [a1]);
    assert.deepEqual(takeBatch(queue, 3), [a2, a3]);
    assert.deepEqual(queue, [b1, a4]);
  });

  it('takes a retry alone, and never with others', () => {
    const [retry, other, later] = [entry('a', { isRetry: true }), entry('a'), entry('a', { isRetry: true })];
    const queue = [retry, other, later];
    assert.deepEqual(takeBatch(queue, 8), [retry]);
    assert.deepEqual(takeBatch(queue, 8), [other]);
    assert.deepEqual(takeBatch(queue, 8), [later]);
    assert.deepEqual(takeBatch(queue, 8), []);
  });

  it('rejects entries that were cancelled', () => {
    let rejected: PanelvecError | undefined;
    const cancelled = entry('a', { signal: AbortSignal.abort(), reject: (error) => (rejected = error) });
    const kept = entry('a');
    assert.deepEqual(takeBatch([cancelled, kept], 8), [kept]);
    assert.equal(rejected?.code, 'request_cancelled');
  });
});
