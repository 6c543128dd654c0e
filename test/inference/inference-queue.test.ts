import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PanelvecError } from '../../src/errors.ts';
import { takeBatch } from '../../src/inference/inference-queue.ts';
import { PriorityTurns } from '../../src/inference/priority.ts';
import { makeQueueEntry as entry } from '../support/queue-entry.ts';

describe('taking a batch', () => {
  it('takes entries in order, up to the limit', () => {
    const queue = [entry(), entry(), entry()];
    const [first, second, third] = [...queue];
    assert.deepEqual(takeBatch(queue, 2, new PriorityTurns()), [first, second]);
    assert.deepEqual(queue, [third]);
  });

  it('counts the views of panels, and takes a panel of more views than the limit', () => {
    const queue = [entry({ cost: 5 }), entry(), entry({ cost: 5 }), entry()];
    const [first, second, third, fourth] = [...queue];
    assert.deepEqual(takeBatch(queue, 1, new PriorityTurns()), [first]);
    assert.deepEqual(takeBatch(queue, 3, new PriorityTurns()), [second, third]);
    assert.deepEqual(queue, [fourth]);
  });

  it('takes a retry alone, and never with others', () => {
    const [retry, other, later] = [entry({ isRetry: true }), entry(), entry({ isRetry: true })];
    const queue = [retry, other, later];
    assert.deepEqual(takeBatch(queue, 8, new PriorityTurns()), [retry]);
    assert.deepEqual(takeBatch(queue, 8, new PriorityTurns()), [other]);
    assert.deepEqual(takeBatch(queue, 8, new PriorityTurns()), [later]);
    assert.deepEqual(takeBatch(queue, 8, new PriorityTurns()), []);
  });

  it('takes interactive entries first and fills up with batch entries, which have every fourth turn', () => {
    const queue = Array.from({ length: 12 }, (_, i) => entry({ priority: i < 6 ? 'batch' : 'interactive' }));
    const [batch, interactive] = [queue.slice(0, 6), queue.slice(6)];
    const turns = new PriorityTurns();
    for (const i of [0, 1, 2]) assert.deepEqual(takeBatch(queue, 1, turns), [interactive[i]]);
    assert.deepEqual(takeBatch(queue, 1, turns), [batch[0]]);
    assert.deepEqual(takeBatch(queue, 5, turns), [...interactive.slice(3), ...batch.slice(1, 3)]);
    assert.deepEqual(takeBatch(queue, 5, turns), batch.slice(3));
  });

  it('rejects entries whose deadline has passed with its error', () => {
    let rejected: PanelvecError | undefined;
    const signal = AbortSignal.abort(new PanelvecError('deadline_exceeded', 'too late'));
    assert.deepEqual(takeBatch([entry({ signal, reject: (error) => (rejected = error) })], 8, new PriorityTurns()), []);
    assert.equal(rejected?.code, 'deadline_exceeded');
  });

  it('rejects entries that were cancelled', () => {
    let rejected: PanelvecError | undefined;
    const cancelled = entry({ signal: AbortSignal.abort(), reject: (error) => (rejected = error) });
    const kept = entry();
    assert.deepEqual(takeBatch([cancelled, kept], 8, new PriorityTurns()), [kept]);
    assert.equal(rejected?.code, 'request_cancelled');
  });
});
