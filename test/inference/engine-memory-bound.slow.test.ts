import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EnginePool } from '../../src/inference/engine-pool.ts';
import { type Model, readModel } from '../../src/model/model.ts';
import { FAULTY_TOKENS, useFaultySessions } from '../support/faulty-sessions.ts';
import { listProcessTree } from '../support/process-tree.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';
import { ENGINE_TIMEOUT_MS, imageItem, textItem, withPool } from '../support/with-pool.ts';

const { grow, memoryForTwo, noMemory } = FAULTY_TOKENS;

let model: Model;
let tinyModel: Awaited<ReturnType<typeof makeTinyModel>>;
let stopFaults: () => void;
before(async () => {
  tinyModel = await makeTinyModel();
  model = await readModel(tinyModel.folder);
  stopFaults = useFaultySessions();
});
after(async () => {
  stopFaults();
  await tinyModel.remove();
});

const countChildren = () => listProcessTree(process.pid).length - 1;

/** Runs panels without a pause until the returned function is called. That rejects if one of them was lost, and resolves with their number. */
function startLoad(pool: EnginePool): () => Promise<number> {
  let isOver = false;
  let computed = 0;
  const callers = Array.from({ length: 2 }, async (_, i) => {
    while (!isOver) {
      await pool.run(i % 2 === 0 ? textItem(1 + i, 3) : imageItem(i));
      computed++;
    }
  });
  const load = Promise.all(callers);
  load.catch(() => {});
  return async () => {
    isOver = true;
    await load;
    return computed;
  };
}

describe('an engine that grows over its bound', () => {
  for (const [room, availableBytes] of [
    ['is replaced by one that is warm already', 2 ** 40],
    ['ends before the next one starts if there is no memory for both', 0],
  ] as const)
    it(`${room}, and no panel is lost`, (t) => {
      t.mock.method(process, 'availableMemory', () => availableBytes);
      return withPool(
        model,
        async (pool, observed) => {
          const stopLoad = startLoad(pool);
          const [before] = pool.engines;
          await pool.run(textItem(grow));
          let mostProcesses = 1;
          const findNext = () => {
            const [engine] = pool.engines;
            mostProcesses = Math.max(mostProcesses, countChildren());
            return engine?.info !== undefined && engine.pid !== before?.pid ? engine : undefined;
          };
          const next = await waitFor('the next engine', findNext, ENGINE_TIMEOUT_MS);
          assert.equal(mostProcesses, availableBytes === 0 ? 1 : 2);
          // It has grown as much at once, but works on for a time.
          await pool.run(textItem(grow));
          assert.equal(countChildren(), 1);
          await pool.run(textItem(3));
          assert.ok((await stopLoad()) > 0);
          assert.deepEqual([observed.replacements, observed.restarts, observed.poisoned], [1, 1, 0]);
          assert.equal(pool.engines[0]?.pid, next.pid);
        },
        { maxEngineBytes: 1 },
      );
    });

  it('is left alone if there is no bound, or if it stays below it', () =>
    withPool(
      model,
      async (pool, observed) => {
        const [before] = pool.engines;
        await pool.run(textItem(grow));
        await pool.run(textItem(3));
        assert.equal(pool.engines[0]?.pid, before?.pid);
        assert.equal(observed.replacements, 0);
      },
      { maxEngineBytes: 'auto' },
    ));
});

describe('a batch that does not fit into the memory of its engine', () => {
  it('is computed in halves, with the same vectors', () =>
    withPool(model, async (pool, observed) => {
      // One panel occupies the engine while the others become a batch.
      const items = [textItem(1), ...[2, 3, 4, 5].map((token) => textItem(token, memoryForTwo))];
      const together = await Promise.all([imageItem(1), imageItem(2), ...items].map((item) => pool.run(item)));
      assert.ok(observed.halvings > 0, `batches of ${observed.batches}`);
      for (const [i, item] of items.entries())
        assert.deepEqual((await pool.run(item)).vectors, together[i + 2]?.vectors, `text ${i}`);
      assert.equal(observed.restarts, 0);
    }));

  it('costs only the panel that does not even fit alone', () =>
    withPool(model, async (pool, observed) => {
      const items = [textItem(3), textItem(4, noMemory), textItem(5), imageItem(1)];
      const [first, second, ...others] = await Promise.allSettled(items.map((item) => pool.run(item)));
      assert.ok(second?.status === 'rejected');
      assert.equal(second.reason.code, 'inference_failed');
      assert.equal(second.reason.message, 'the panel does not fit into the memory of the engine');
      for (const result of [first, ...others]) assert.equal(result?.status, 'fulfilled');
      assert.equal(observed.restarts, 0);
    }));
});
