import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { EnginePool } from '../../src/inference/engine-pool.ts';
import { type Model, readModel } from '../../src/model/model.ts';
import { FAULTY_TOKENS, useFaultySessions } from '../support/faulty-sessions.ts';
import { listProcessTree } from '../support/process-tree.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';
import { ENGINE_TIMEOUT_MS, imageItem, killEngine, type Observed, textItem, withPool } from '../support/with-pool.ts';

const { grow } = FAULTY_TOKENS;

let model: Model;
let slow: Model;
let home: Awaited<ReturnType<typeof makeTinyModel>>;
let stopFaults: () => void;
before(async () => {
  home = await makeTinyModel();
  model = await readModel(home.folder);
  slow = await readModel((await makeTinyModel({ home: home.home, name: 'slow', isSlow: true })).folder);
  stopFaults = useFaultySessions();
});
after(async () => {
  stopFaults();
  await home.remove();
});

const childrenOf = () => listProcessTree(process.pid).slice(1);
const firstPid = (pool: EnginePool) => pool.engines[0]?.pid;

/** Has an engine grow over its bound. Resolves with the process that shall take its place, which is still starting. */
async function startReplacement(pool: EnginePool): Promise<number> {
  const children = childrenOf();
  await pool.run(textItem(grow));
  return waitFor('the next engine', () => childrenOf().find((pid) => !children.includes(pid)));
}

describe('engines that end', () => {
  it('at once, all of them, lose no panel', () =>
    withPool(
      model,
      async (pool, observed) => {
        const expected = await pool.run(imageItem(5));
        const runs = Array.from({ length: 40 }, () => pool.run(imageItem(5)));
        await Promise.resolve();
        pool.engines.forEach(killEngine);
        for (const { vectors } of await Promise.all(runs)) assert.deepEqual(vectors, expected.vectors);
        await waitFor('all engines', () => pool.isReady, ENGINE_TIMEOUT_MS);
        assert.deepEqual([observed.restarts, observed.poisoned], [2, 0]);
      },
      { devices: [0, 1] },
    ));

  it('while they start come back all the same', () =>
    withPool(model, async (pool, observed) => {
      const killed = firstPid(pool);
      killEngine(pool.engines[0]);
      const run = pool.run(textItem(3));
      await waitFor('another process', () => firstPid(pool) !== killed, ENGINE_TIMEOUT_MS);
      assert.equal(pool.isReady, false);
      killEngine(pool.engines[0]);
      await run;
      assert.deepEqual([observed.restarts, observed.poisoned], [2, 0]);
    }));

  it('while the next one starts are followed by that', () =>
    withPool(
      model,
      async (pool, observed) => {
        const next = await startReplacement(pool);
        killEngine(pool.engines[0]);
        await pool.run(textItem(3));
        assert.equal(firstPid(pool), next);
        assert.deepEqual([observed.restarts, observed.replacements], [1, 0]);
      },
      { maxEngineBytes: 1 },
    ));

  it('work on if the next one ends while it starts', () =>
    withPool(
      model,
      async (pool, observed) => {
        const working = firstPid(pool);
        const next = await startReplacement(pool);
        killEngine({ pid: next });
        await waitFor('the end of the next engine', () => !childrenOf().includes(next), ENGINE_TIMEOUT_MS);
        await pool.run(textItem(3));
        assert.equal(firstPid(pool), working);
        assert.deepEqual([observed.restarts, observed.replacements, observed.poisoned], [0, 0, 0]);
      },
      { maxEngineBytes: 1 },
    ));

  it('are followed by another if the next one has ended while they did their last batch', () =>
    withPool(
      slow,
      async (pool, observed) => {
        const next = await startReplacement(pool);
        let isOver = false;
        const load = (async () => {
          while (!isOver) await pool.run(imageItem(5));
        })();
        await waitFor('the last batch', () => observed.replacements === 1, ENGINE_TIMEOUT_MS);
        killEngine({ pid: next });
        isOver = true;
        await load;
        await pool.run(textItem(3));
        assert.notEqual(firstPid(pool), next);
        // That which never worked is not counted.
        assert.equal(observed.restarts, 1);
      },
      { maxEngineBytes: 1 },
    ));
});

describe('a pool that stops leaves no process', () => {
  const moments: Readonly<Record<string, (pool: EnginePool, observed: Observed) => Promise<unknown>>> = {
    'while an engine works': async (pool) => {
      pool.run(imageItem(1)).catch(() => {});
    },
    'just after an engine was killed': async (pool) => killEngine(pool.engines[0]),
    'before an engine is started again': async (pool, observed) => {
      killEngine(pool.engines[0]);
      await waitFor('its end', () => observed.restarts === 1);
    },
    'while an engine is started again': async (pool) => {
      const killed = firstPid(pool);
      killEngine(pool.engines[0]);
      await waitFor('another process', () => firstPid(pool) !== killed, ENGINE_TIMEOUT_MS);
    },
    'while the next engine starts': startReplacement,
    'while an engine does its last batch': async (pool, observed) => {
      await startReplacement(pool);
      const load = (async () => {
        for (;;) await pool.run(imageItem(5));
      })();
      load.catch(() => {});
      await waitFor('the last batch', () => observed.replacements === 1, ENGINE_TIMEOUT_MS);
    },
    'while an engine hangs': async (pool) => {
      process.kill(firstPid(pool) ?? assert.fail('no engine'), 'SIGSTOP');
      pool.run(textItem(3)).catch(() => {});
    },
  };
  for (const [moment, reach] of Object.entries(moments))
    it(moment, async () => {
      const children = childrenOf();
      const use = async (pool: EnginePool, observed: Observed) => void (await reach(pool, observed));
      await withPool(slow, use, { maxEngineBytes: 1 });
      assert.deepEqual(childrenOf(), children);
      // What was to be started again later is not.
      await delay(300);
      assert.deepEqual(childrenOf(), children);
    });
});
