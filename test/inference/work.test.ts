import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PanelvecError } from '../../src/errors.ts';
import { takeBatch, type Work } from '../../src/inference/work.ts';

function work(model: string, fields: Partial<Work> = {}): Work {
  const item = { pixels: null, tokens: null, composition: null, outputs: [] };
  return {
    model,
    item,
    queuedAt: 0,
    signal: undefined,
    suspect: false,
    bulk: false,
    resolve: () => {},
    reject: () => {},
    ...fields,
  };
}

describe('taking a batch', () => {
  it('takes one model, in order, up to the limit', () => {
    const [a1, b1, a2, a3] = [work('a'), work('b'), work('a'), work('a')];
    const queue = [a1, b1, a2, a3];
    assert.deepEqual(takeBatch(queue, 2), [a1, a2]);
    assert.deepEqual(queue, [b1, a3]);
  });

  it('takes a suspect alone, and never with others', () => {
    const [suspect, other, later] = [work('a', { suspect: true }), work('a'), work('a', { suspect: true })];
    const queue = [suspect, other, later];
    assert.deepEqual(takeBatch(queue, 8), [suspect]);
    assert.deepEqual(takeBatch(queue, 8), [other]);
    assert.deepEqual(takeBatch(queue, 8), [later]);
    assert.deepEqual(takeBatch(queue, 8), []);
  });

  it('drops work that nobody waits for any more, and says so', () => {
    let rejected: PanelvecError | undefined;
    const gone = work('a', { signal: AbortSignal.abort(), reject: (error) => (rejected = error) });
    const kept = work('a');
    assert.deepEqual(takeBatch([gone, kept], 8), [kept]);
    assert.equal(rejected?.code, 'request_cancelled');
  });
});
