import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EnginePool } from '../../src/inference/engine-pool.ts';
import { type Model, readModel } from '../../src/model/model.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  ENGINE_TIMEOUT_MS,
  imageItem,
  type TestPoolSettings,
  textItem,
  withPool as withTestPool,
} from '../support/with-pool.ts';

let model: Model;
let tinyModel: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  tinyModel = await makeTinyModel();
  model = await readModel(tinyModel.folder);
});
after(() => tinyModel.remove());

const withPool = (use: Parameters<typeof withTestPool>[1], settings?: TestPoolSettings) =>
  withTestPool(model, use, settings);

describe('engine pool', () => {
  it('is ready when it has started, and names the provider that runs', () =>
    withPool(async (pool) => {
      assert.equal(pool.isReady, true);
      assert.deepEqual(
        pool.engines.map(({ info }) => info),
        [{ provider: 'cpu', fallback: undefined }],
      );
    }));

  it('runs a lone panel at once, and batches what waits behind a busy engine', () =>
    withPool(async (pool, observed) => {
      await pool.run(textItem(3));
      assert.deepEqual(observed.batches, [1]);
      await Promise.all(Array.from({ length: 20 }, (_, i) => pool.run(textItem(i + 1))));
      assert.equal(
        observed.batches.slice(1).reduce((a, b) => a + b),
        20,
      );
      assert.ok(Math.max(...observed.batches) === 4, `batches of ${observed.batches}`);
    }));

  it('shares work among engines: each gets a batch before one gets two', () =>
    withPool(
      async (pool) => {
        const [stopped] = pool.engines;
        process.kill(stopped!.pid!, 'SIGSTOP');
        const results = Array.from({ length: 8 }, () => pool.run(textItem(3)));
        const firstBatch = await Promise.race([Promise.all(results.slice(0, 4)), Promise.all(results.slice(4))]);
        assert.equal(firstBatch.length, 4);
        process.kill(stopped!.pid!, 'SIGCONT');
        await Promise.all(results);
      },
      { devices: [0, 1] },
    ));

  it('rejects what is left when it stops, and what comes after', async () => {
    let lateResults: Promise<unknown> = Promise.resolve();
    let pool: EnginePool | undefined;
    await withPool(async (runningPool) => {
      pool = runningPool;
      process.kill(runningPool.engines[0]!.pid!, 'SIGSTOP');
      lateResults = Promise.allSettled(Array.from({ length: 12 }, () => runningPool.run(textItem(3))));
      await Promise.resolve();
    });
    const codes = ((await lateResults) as PromiseRejectedResult[]).map(({ reason }) => reason.code);
    assert.deepEqual(codes, Array(12).fill('shutting_down'));
    await assert.rejects(pool!.run(textItem(3)), { code: 'shutting_down' });
  });

  it('kills an engine that does not start in time', async () => {
    const start = withPool(async () => assert.fail('it started'), { startTimeoutMs: 1 });
    await assert.rejects(start, { code: 'engine_unavailable', message: /the engine process ended \(SIGKILL\)/ });
  });

  it('computes only what is asked for', () =>
    withPool(async (pool) => {
      const textAndImage = { ...textItem(3), pixels: imageItem(9).pixels };
      const result = await pool.run({ ...textAndImage, outputs: ['text'] });
      assert.deepEqual(Object.keys(result.vectors), ['text']);
      assert.equal(result.gateWeights, null);
    }));

  it('computes every panel although its engine is killed repeatedly, and is ready again', () =>
    withPool(async (pool, observed) => {
      const runs = Array.from({ length: 200 }, (_, i) => pool.run(i % 2 ? textItem(3) : imageItem(i)));
      const settled = Promise.allSettled(runs);
      process.kill(pool.engines[0]!.pid!, 'SIGKILL');
      const results = await settled;
      assert.deepEqual(
        results.filter((result) => result.status === 'rejected'),
        [],
      );
      assert.equal(observed.restarts, 1);
      process.kill(pool.engines[0]!.pid!, 'SIGKILL');
      await waitFor('the second restart', () => observed.restarts === 2 && pool.isReady, ENGINE_TIMEOUT_MS);
      await pool.run(textItem(3));
    }));

  it('fails only the panel that the engine cannot compute, not its batch', () =>
    withPool(async (pool) => {
      const outOfVocabulary = 1_000_000;
      const results = await Promise.allSettled([3, outOfVocabulary, 5, 6].map((token) => pool.run(textItem(token))));
      assert.deepEqual(
        results.map((result) => result.status),
        ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      );
      assert.equal((results[1] as PromiseRejectedResult).reason.code, 'inference_failed');
    }));

  it('kills an engine that hangs, and computes its panels on a new one', () =>
    withPool(
      async (pool, observed) => {
        process.kill(pool.engines[0]!.pid!, 'SIGSTOP');
        const result = await pool.run(textItem(3));
        assert.equal(result.vectors.fused!.length, 16);
        assert.equal(observed.restarts, 1);
      },
      // The queue timeout is shorter than the batch timeout, as by default: panels that hung once must not expire at once.
      { batchTimeoutMs: 4500, queueTimeoutMs: 4000 },
    ));

  it('rejects panels that wait too long for a free engine', () =>
    withPool(
      async (pool) => {
        process.kill(pool.engines[0]!.pid!, 'SIGSTOP');
        const runs = Array.from({ length: 12 }, () => pool.run(textItem(3)));
        const results = await Promise.allSettled(runs.slice(8));
        const reasons = results.map((result) => (result as PromiseRejectedResult).reason);
        assert.deepEqual(
          reasons.map(({ code, retryAfterSeconds }) => [code, retryAfterSeconds]),
          Array(4).fill(['engine_unavailable', 5]),
        );
        process.kill(pool.engines[0]!.pid!, 'SIGCONT');
        await Promise.all(runs.slice(0, 8));
      },
      { queueTimeoutMs: 300 },
    ));

  it('chooses a GPU for auto where one runs, otherwise the CPU, and says why', () =>
    withPool(
      async (pool) => {
        const { provider, fallback } = pool.engines[0]!.info!;
        if (provider === 'cpu') assert.match(fallback!, /cuda: .+/);
        else assert.equal(fallback, undefined);
      },
      { provider: 'auto' },
    ));

  it('refuses to start with a provider that cannot run, and says what is missing', async (t) => {
    let cudaRuns = false;
    const probe = async (pool: EnginePool) => {
      cudaRuns = pool.engines[0]!.info!.provider === 'cuda';
    };
    await withPool(probe, { provider: 'auto' });
    if (cudaRuns) return t.skip('cuda runs on this machine');
    const start = withPool(async () => assert.fail('it started'), { provider: 'cuda' });
    await assert.rejects(start, { code: 'provider_unavailable', message: /the cuda provider does not run: .*\.so/ });
  });

  it('runs requests before bulk work, of which little is in the engine at a time', () =>
    withPool(
      async (pool, _, bulkScheduler) => {
        const order: string[] = [];
        const endRequest = bulkScheduler.beginRequest();
        const bulkRuns = Array.from({ length: 40 }, (_, i) =>
          pool.runBulk(imageItem(i)).then(() => order.push('bulk')),
        );
        await pool.run(textItem(3)).then(() => order.push('request'));
        // While a request waits, bulk work has one turn at most.
        assert.ok(order.indexOf('request') <= 1, order.join());
        endRequest();
        pool.dispatch();
        await Promise.all(bulkRuns);
        assert.equal(order.length, 41);
      },
      { maxBatch: 8 },
    ));

  it('finishes bulk work although requests fill the engine without a pause', () =>
    withPool(async (pool, _, bulkScheduler) => {
      bulkScheduler.beginRequest();
      let isOver = false;
      const callers = Array.from({ length: 24 }, async () => {
        while (!isOver) await pool.run(imageItem(1));
      });
      await Promise.all(Array.from({ length: 3 }, (_, i) => pool.runBulk(imageItem(i))));
      isOver = true;
      await Promise.all(callers);
    }));

  it('rejects cancelled bulk work even while no engine has room for it', () =>
    withPool(async (pool) => {
      process.kill(pool.engines[0]!.pid!, 'SIGSTOP');
      const runs = Array.from({ length: 8 }, () => pool.runBulk(imageItem(5)));
      const abortController = new AbortController();
      const rejected = assert.rejects(pool.runBulk(imageItem(6), abortController.signal), {
        code: 'request_cancelled',
      });
      abortController.abort();
      await rejected;
      process.kill(pool.engines[0]!.pid!, 'SIGCONT');
      await Promise.all(runs);
    }));

  it('runs bulk work in full batches when there are no requests', () =>
    withPool(
      async (pool, { batches }) => {
        await Promise.all(Array.from({ length: 32 }, (_, i) => pool.runBulk(imageItem(i))));
        assert.ok(batches.includes(8), batches.join());
      },
      { maxBatch: 8 },
    ));

  it('retries bulk work whose engine was killed, and rejects what was cancelled', () =>
    withPool(async (pool) => {
      const expected = await pool.run(imageItem(5));
      const abortController = new AbortController();
      const runs = Array.from({ length: 30 }, () => pool.runBulk(imageItem(5)));
      const rejected = assert.rejects(pool.runBulk(imageItem(6), abortController.signal), {
        code: 'request_cancelled',
      });
      abortController.abort();
      process.kill(pool.engines[0]!.pid!, 'SIGKILL');
      for (const result of await Promise.all(runs)) assert.deepEqual(result.vectors, expected.vectors);
      await rejected;
    }));
});
