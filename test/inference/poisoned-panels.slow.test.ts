import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Model, readModel } from '../../src/model/model.ts';
import { FAULTY_TOKENS, useFaultySessions } from '../support/faulty-sessions.ts';
import { mulberry32 } from '../support/mulberry32.ts';
import { testSeed } from '../support/seed.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';
import { ENGINE_TIMEOUT_MS, imageItem, killEngine, textItem, withPool } from '../support/with-pool.ts';

const { crash, hang } = FAULTY_TOKENS;

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

/** The codes of what failed, and null for what was computed. */
async function codesOf(results: readonly Promise<unknown>[]): Promise<(string | null)[]> {
  const settled = await Promise.allSettled(results);
  return settled.map((result) => (result.status === 'rejected' ? result.reason.code : null));
}

describe('a panel that ends its engine', () => {
  it('is refused when it has ended two engines alone', () =>
    withPool(model, async (pool, observed) => {
      assert.deepEqual(await codesOf([pool.run(textItem(crash))]), ['poisoned_input']);
      assert.deepEqual([observed.restarts, observed.poisoned], [2, 1]);
    }));

  it('is tried alone twice after its batch, and refused at once from then on; others are computed', () =>
    withPool(model, async (pool, observed) => {
      const poison = textItem(5, crash);
      const codes = await codesOf([textItem(3), poison, textItem(4), imageItem(9)].map((item) => pool.run(item)));
      assert.deepEqual(codes, [null, 'poisoned_input', null, null]);
      assert.equal(observed.restarts, 3);
      const again = [poison, { ...poison, outputs: ['text' as const] }];
      assert.deepEqual(await codesOf(again.map((item) => pool.run(item))), Array(2).fill('poisoned_input'));
      assert.deepEqual(await codesOf([pool.runBulk(poison), pool.run(textItem(5))]), ['poisoned_input', null]);
      assert.equal(observed.restarts, 3);
      assert.equal(observed.poisoned, 4);
    }));

  it('is not suspected of the end of an engine that had something else, too', async () => {
    const slow = await makeTinyModel({ isSlow: true });
    await withPool(await readModel(slow.folder), async (pool, observed) => {
      const first = pool.run(imageItem(9));
      await Promise.resolve();
      assert.deepEqual(await codesOf([first, pool.run(textItem(crash))]), [null, 'poisoned_input']);
      assert.equal(observed.restarts, 3);
    });
    await slow.remove();
  });

  it('is tried again after a time', () =>
    withPool(
      model,
      async (pool, observed) => {
        const run = () => codesOf([pool.run(textItem(crash))]);
        assert.deepEqual(await run(), ['poisoned_input']);
        await waitFor('another try', async () => (await run()) && observed.restarts > 3, ENGINE_TIMEOUT_MS);
      },
      { poisonedSeconds: 0.05 },
    ));

  it('takes equal ones along that were lost with it', () =>
    withPool(model, async (pool, observed) => {
      const codes = await codesOf([3, crash, crash, crash].map((token) => pool.run(textItem(token))));
      assert.deepEqual(codes, [null, ...Array(3).fill('poisoned_input')]);
      assert.equal(observed.restarts, 3);
    }));

  it('is refused likewise if the engine hangs', () =>
    withPool(
      model,
      async (pool, observed) => {
        assert.deepEqual(await codesOf([pool.run(textItem(hang)), pool.run(textItem(3))]), ['poisoned_input', null]);
        assert.equal(observed.restarts, 3);
      },
      { batchTimeoutMs: 2000 },
    ));
});

describe('a panel whose engine is killed by somebody else', () => {
  it('is computed although that happens three times in a row while it runs', async () => {
    const slow = await makeTinyModel({ isSlow: true });
    await withPool(await readModel(slow.folder), async (pool, observed) => {
      let isComputed = false;
      const result = pool.run(imageItem(3)).finally(() => {
        isComputed = true;
      });
      for (let restarts = 0; restarts < 3; restarts++) {
        await waitFor('a warm engine', () => pool.isReady, ENGINE_TIMEOUT_MS);
        assert.equal(isComputed, false, 'the panel runs');
        killEngine(pool.engines[0]);
        await waitFor('the restart', () => observed.restarts > restarts, ENGINE_TIMEOUT_MS);
      }
      await result;
      assert.equal(observed.poisoned, 0);
    });
    await slow.remove();
  });

  it('is never lost, although engines are killed 24 times under load', { timeout: 1_200_000 }, (t) =>
    withPool(
      model,
      async (pool, observed) => {
        const random = mulberry32(testSeed(t));
        const expected = await pool.run(imageItem(5));
        let isOver = false;
        let computed = 0;
        const callers = Array.from({ length: 24 }, async (_, i) => {
          while (!isOver) {
            await pool.run(i % 2 === 0 ? textItem(1 + (i % 30), 3) : imageItem(i));
            const { vectors } = await pool.run(imageItem(5));
            assert.deepEqual(vectors, expected.vectors);
            computed += 2;
          }
        });
        const load = Promise.all(callers).finally(() => {
          isOver = true;
        });
        for (let kills = 0; kills < 24; kills++) {
          const batches = observed.batches.length + Math.floor(random() * 20);
          const warm = await waitFor(
            'a warm engine at work',
            () => {
              const engines = pool.engines.filter(({ info }) => info !== undefined);
              return isOver || (observed.batches.length >= batches && engines.length > 0) ? engines : undefined;
            },
            ENGINE_TIMEOUT_MS,
          );
          if (isOver) break;
          killEngine(warm[Math.floor(random() * warm.length)]);
          await waitFor('the restart', () => observed.restarts > kills, ENGINE_TIMEOUT_MS);
        }
        isOver = true;
        await load;
        t.diagnostic(`${computed} panels, ${observed.restarts} restarts`);
        assert.equal(observed.restarts, 24);
      },
      { devices: [0, 1, 2] },
    ),
  );
});
