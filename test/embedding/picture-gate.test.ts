import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PictureGate } from '../../src/embedding/picture-gate.ts';
import { PanelvecError } from '../../src/errors.ts';
import type { Priority } from '../../src/inference/priority.ts';

/** Runs work that goes on until `finish`, and notes when it began. */
function createRuns(gate: PictureGate) {
  const begun: string[] = [];
  const start = (
    name: string,
    views = 1,
    priority: Priority = 'interactive',
    signal = new AbortController().signal,
  ) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = gate.run(views, { priority, signal }, async () => {
      begun.push(name);
      await promise;
    });
    const finish = () => {
      resolve();
      return done;
    };
    return { done, finish };
  };
  return { begun, start };
}

describe('the pictures that are decoded and not answered', () => {
  it('are bounded; a request over the whole limit enters when half of it is free', async () => {
    const gate = new PictureGate(4);
    const { begun, start } = createRuns(gate);
    const runs = [start('a', 3), start('b', 9), start('c', 1)];
    await nextTurn();
    assert.deepEqual([begun, gate.viewsInside], [['a'], 3]);
    await runs[0]?.finish();
    await nextTurn();
    assert.deepEqual([begun, gate.viewsInside], [['a', 'b'], 9], 'c does not pass b');
    await runs[1]?.finish();
    await runs[2]?.finish();
    assert.deepEqual([begun, gate.viewsInside], [['a', 'b', 'c'], 0]);
  });

  it('leave one by one where the work can tell', async () => {
    const gate = new PictureGate(4);
    const { promise, resolve } = Promise.withResolvers<void>();
    const page = gate.run(4, { priority: 'batch', signal: new AbortController().signal }, async (leave) => {
      leave(3);
      await promise;
    });
    assert.equal(gate.viewsInside, 1);
    resolve();
    await page;
    assert.equal(gate.viewsInside, 0);
  });

  it('are those of interactive requests first, and every fourth of batch requests', async () => {
    const gate = new PictureGate(1);
    const { begun, start } = createRuns(gate);
    const first = start('first');
    const batch = ['b1', 'b2'].map((name) => start(name, 1, 'batch'));
    const interactive = ['i1', 'i2', 'i3', 'i4', 'i5'].map((name) => start(name));
    for (const { finish } of [first, ...interactive, ...batch]) void finish();
    await Promise.all([...interactive, ...batch].map(({ done }) => done));
    assert.deepEqual(begun, ['first', 'i1', 'i2', 'i3', 'b1', 'i4', 'i5', 'b2']);
  });

  it('are none of what nobody waits for any more', async () => {
    const gate = new PictureGate(1);
    const { begun, start } = createRuns(gate);
    const controller = new AbortController();
    const first = start('first');
    const late = start('late', 1, 'interactive', controller.signal);
    const gone = start('gone', 1, 'interactive', AbortSignal.abort());
    const last = start('last');
    controller.abort(new PanelvecError('deadline_exceeded', 'too late'));
    await assert.rejects(late.done, { code: 'deadline_exceeded' });
    await assert.rejects(gone.done, { code: 'request_cancelled' });
    await first.finish();
    await last.finish();
    assert.deepEqual([begun, gate.viewsInside], [['first', 'last'], 0]);
  });
});
