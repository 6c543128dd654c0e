import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RequestTurns } from '../../src/http/request-turns.ts';

describe('requests that arrive at once', () => {
  it('begin in their order, a few in each turn of the event loop', async () => {
    const turns = new RequestTurns();
    const begun: number[] = [];
    const begin = (i: number) => turns.next().then(() => begun.push(i));
    const all = Array.from({ length: 100 }, (_, i) => begin(i));
    let before = 0;
    for (let turn = 0; begun.length < 120; turn++) {
      assert.ok(turn < 50, `${begun.length} have begun`);
      await nextTurn();
      assert.ok(begun.length - before <= 16, `${begun.length - before} in one turn`);
      before = begun.length;
      if (turn < 20) all.push(begin(100 + turn));
    }
    await Promise.all(all);
    assert.deepEqual(
      begun,
      Array.from({ length: 120 }, (_, i) => i),
    );
  });

  it('wait for nothing where they are few', async () => {
    const turns = new RequestTurns();
    for (let round = 0; round < 3; round++) {
      let hasTurned = false;
      setImmediate(() => {
        hasTurned = true;
      });
      for (let i = 0; i < 4; i++) await turns.next();
      assert.ok(!hasTurned);
      await nextTurn();
    }
  });
});
