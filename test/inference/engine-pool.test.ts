import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EngineItem } from '../../src/inference/contract.ts';
import { EnginePool, type PoolSettings } from '../../src/inference/engine-pool.ts';
import { type Model, readModel } from '../../src/model/model.ts';
import { silent } from '../support/services.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait.ts';

let model: Model;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  tiny = await makeTinyModel();
  model = await readModel(tiny.folder);
});
after(() => tiny.remove());

const text = (...tokens: number[]): EngineItem => ({
  pixels: null,
  tokens: Int32Array.from(tokens),
  composition: null,
  outputs: ['fused'],
});
const picture = (value: number): EngineItem => ({
  ...text(),
  tokens: null,
  pixels: new Uint8Array(8 * 8 * 3).fill(value),
});

interface Seen {
  readonly batches: number[];
  restarts: number;
}

/** A pool for one test; `use` gets it and what it told its observer. */
async function withPool(
  use: (pool: EnginePool, seen: Seen) => Promise<void>,
  settings: Partial<Omit<PoolSettings, 'engines'>> & {
    maxBatch?: number;
    devices?: number[];
    provider?: 'cpu' | 'cuda' | 'auto';
  } = {},
): Promise<void> {
  const {
    maxBatch = 4,
    devices = [0],
    provider = 'cpu',
    queueTimeoutMs = 20_000,
    batchTimeoutMs = 20_000,
    startTimeoutMs = 20_000,
  } = settings;
  const engines = devices.map((device) => ({ device, provider, threads: 1, maxBatch, models: [model] }));
  const seen: Seen = { batches: [], restarts: 0 };
  const observer = { batch: (items: number) => seen.batches.push(items), restart: () => seen.restarts++ };
  const pool = new EnginePool(
    { engines, queueTimeoutMs, batchTimeoutMs, startTimeoutMs, bulkBatch: 1 },
    observer,
    silent,
  );
  await pool.start();
  try {
    await use(pool, seen);
  } finally {
    await pool.stop();
  }
}

describe('engine pool', () => {
  it('is ready when it has started, and names the provider that runs', () =>
    withPool(async (pool) => {
      assert.equal(pool.ready, true);
      assert.deepEqual(
        pool.engines.map(({ info }) => info),
        [{ provider: 'cpu', fallback: undefined }],
      );
    }));

  it('runs a lone panel at once, and batches what waits behind a busy engine', () =>
    withPool(async (pool, seen) => {
      await pool.run(model.id, text(3));
      assert.deepEqual(seen.batches, [1]);
      await Promise.all(Array.from({ length: 20 }, (_, at) => pool.run(model.id, text(at + 1))));
      assert.equal(
        seen.batches.slice(1).reduce((a, b) => a + b),
        20,
      );
      assert.ok(Math.max(...seen.batches) === 4, `batches of ${seen.batches}`);
    }));

  it('shares work among engines: each gets a batch before one gets two', () =>
    withPool(
      async (pool) => {
        const [stopped] = pool.engines;
        process.kill(stopped!.pid!, 'SIGSTOP');
        const work = Array.from({ length: 8 }, () => pool.run(model.id, text(3)));
        const answered = await Promise.race([Promise.all(work.slice(0, 4)), Promise.all(work.slice(4))]);
        assert.equal(answered.length, 4);
        process.kill(stopped!.pid!, 'SIGCONT');
        await Promise.all(work);
      },
      { devices: [0, 1] },
    ));

  it('rejects what is left when it stops, and what comes after', async () => {
    let late: Promise<unknown> = Promise.resolve();
    let pool: EnginePool | undefined;
    await withPool(async (running) => {
      pool = running;
      process.kill(running.engines[0]!.pid!, 'SIGSTOP');
      late = Promise.allSettled(Array.from({ length: 12 }, () => running.run(model.id, text(3))));
      await Promise.resolve();
    });
    const codes = ((await late) as PromiseRejectedResult[]).map(({ reason }) => reason.code);
    assert.deepEqual(codes, Array(12).fill('shutting_down'));
    await assert.rejects(pool!.run(model.id, text(3)), { code: 'shutting_down' });
  });

  it('gives up an engine that does not start in time', async () => {
    const start = withPool(async () => assert.fail('it started'), { startTimeoutMs: 1 });
    await assert.rejects(start, { code: 'engine_unavailable', message: /the engine process ended \(SIGKILL\)/ });
  });

  it('computes only what is asked for', () =>
    withPool(async (pool) => {
      const both = { ...text(3), pixels: picture(9).pixels };
      const result = await pool.run(model.id, { ...both, outputs: ['text'] });
      assert.deepEqual(Object.keys(result.vectors), ['text']);
      assert.equal(result.gate, null);
    }));

  it('answers every panel although its engine is killed again and again, and is ready again', () =>
    withPool(async (pool, seen) => {
      const work = Array.from({ length: 200 }, (_, at) => pool.run(model.id, at % 2 ? text(3) : picture(at)));
      const settled = Promise.allSettled(work);
      process.kill(pool.engines[0]!.pid!, 'SIGKILL');
      const results = await settled;
      assert.deepEqual(
        results.filter((result) => result.status === 'rejected'),
        [],
      );
      assert.equal(seen.restarts, 1);
      process.kill(pool.engines[0]!.pid!, 'SIGKILL');
      await waitFor('the second restart', () => seen.restarts === 2 && pool.ready);
      await pool.run(model.id, text(3));
    }));

  it('fails only the panel that the engine cannot compute, not its batch', () =>
    withPool(async (pool) => {
      const outOfVocabulary = 1_000_000;
      const results = await Promise.allSettled(
        [3, outOfVocabulary, 5, 6].map((token) => pool.run(model.id, text(token))),
      );
      assert.deepEqual(
        results.map((result) => result.status),
        ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      );
      assert.equal((results[1] as PromiseRejectedResult).reason.code, 'inference_failed');
    }));

  it('kills an engine that hangs, and does its work on a new one', () =>
    withPool(
      async (pool, seen) => {
        process.kill(pool.engines[0]!.pid!, 'SIGSTOP');
        const result = await pool.run(model.id, text(3));
        assert.equal(result.vectors.fused!.length, 16);
        assert.equal(seen.restarts, 1);
      },
      // The queue's limit is the shorter, as by default: work that hung once must not be found to have waited too long already.
      { batchTimeoutMs: 4500, queueTimeoutMs: 4000 },
    ));

  it('does not keep work for ever when no engine is free', () =>
    withPool(
      async (pool) => {
        process.kill(pool.engines[0]!.pid!, 'SIGSTOP');
        const waiting = Array.from({ length: 12 }, () => pool.run(model.id, text(3)));
        const results = await Promise.allSettled(waiting.slice(8));
        const reasons = results.map((result) => (result as PromiseRejectedResult).reason);
        assert.deepEqual(
          reasons.map(({ code, retryAfterSeconds }) => [code, retryAfterSeconds]),
          Array(4).fill(['engine_unavailable', 5]),
        );
        process.kill(pool.engines[0]!.pid!, 'SIGCONT');
        await Promise.all(waiting.slice(0, 8));
      },
      { queueTimeoutMs: 300 },
    ));

  it('takes a GPU for auto where one runs, else the CPU, and says why', () =>
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

  it('lets calls pass bulk work, of which little is in the engine at a time', () =>
    withPool(
      async (pool) => {
        const order: string[] = [];
        const leave = pool.attend();
        const bulk = Array.from({ length: 40 }, (_, at) =>
          pool.bulk(model.id, picture(at)).then(() => order.push('bulk')),
        );
        await pool.run(model.id, text(3)).then(() => order.push('call'));
        // At most the one turn that bulk work has while somebody waits came first.
        assert.ok(order.indexOf('call') <= 1, order.join());
        leave();
        await Promise.all(bulk);
        assert.equal(order.length, 41);
      },
      { maxBatch: 8 },
    ));

  it('does not let bulk work starve while calls fill the engine and never cease', () =>
    withPool(async (pool) => {
      pool.attend();
      let over = false;
      const callers = Array.from({ length: 24 }, async () => {
        while (!over) await pool.run(model.id, picture(1));
      });
      await Promise.all(Array.from({ length: 3 }, (_, at) => pool.bulk(model.id, picture(at))));
      over = true;
      await Promise.all(callers);
    }));

  it('tells bulk work that nobody wants it, also while no engine has room for it', () =>
    withPool(async (pool) => {
      process.kill(pool.engines[0]!.pid!, 'SIGSTOP');
      const given = Array.from({ length: 8 }, () => pool.bulk(model.id, picture(5)));
      const abandoned = new AbortController();
      const waiting = assert.rejects(pool.bulk(model.id, picture(6), abandoned.signal), { code: 'request_cancelled' });
      abandoned.abort();
      await waiting;
      process.kill(pool.engines[0]!.pid!, 'SIGCONT');
      await Promise.all(given);
    }));

  it('runs bulk work in full batches when nobody calls', () =>
    withPool(
      async (pool, { batches }) => {
        await Promise.all(Array.from({ length: 32 }, (_, at) => pool.bulk(model.id, picture(at))));
        assert.ok(batches.includes(8), batches.join());
      },
      { maxBatch: 8 },
    ));

  it('tries bulk work again whose engine died, and gives up what nobody wants', () =>
    withPool(async (pool) => {
      const expected = await pool.run(model.id, picture(5));
      const abandoned = new AbortController();
      const work = Array.from({ length: 30 }, () => pool.bulk(model.id, picture(5)));
      const unwanted = assert.rejects(pool.bulk(model.id, picture(6), abandoned.signal), { code: 'request_cancelled' });
      abandoned.abort();
      process.kill(pool.engines[0]!.pid!, 'SIGKILL');
      for (const result of await Promise.all(work)) assert.deepEqual(result.vectors, expected.vectors);
      await unwanted;
    }));
});
