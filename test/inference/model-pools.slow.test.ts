import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EngineItem } from '../../src/inference/engine-types.ts';
import { estimateBytes } from '../../src/inference/model-memory.ts';
import { ModelPools, type ModelPoolsObserver } from '../../src/inference/model-pools.ts';
import { countEngines } from '../../src/inference/pool-settings.ts';
import { type Model, readModel } from '../../src/model/model.ts';
import { isProcessRunning } from '../../src/util/is-process-running.ts';
import { createTestConfig, silentLogger } from '../support/in-process-service.ts';
import { listProcessTree } from '../support/process-tree.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let first: Model;
let second: Model;
let third: Model;
let broken: Model;

/** A copy of the tiny model under another name. */
async function copyModel(name: string): Promise<Model> {
  const folder = path.join(tiny.home, 'models', name);
  await cp(tiny.folder, folder, { recursive: true });
  const file = path.join(folder, 'model.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), name }));
  return readModel(folder);
}

before(async () => {
  tiny = await makeTinyModel({ name: 'first' });
  first = await readModel(tiny.folder);
  [second, third, broken] = await Promise.all([copyModel('second'), copyModel('third'), copyModel('broken')]);
  await writeFile(path.join(broken.folder, 'only.onnx'), 'this is no graph');
});
after(() => tiny.remove());

const text = (...tokens: number[]): EngineItem => ({
  pixels: null,
  tokens: Int32Array.from(tokens),
  composition: null,
  outputs: ['fused'],
});
const image = (value: number): EngineItem => ({
  ...text(),
  tokens: null,
  pixels: new Uint8Array(8 * 8 * 3).fill(value),
});

interface Observed {
  readonly loads: string[];
  readonly evictions: string[];
  readonly restarts: string[];
}

/** Runs a test with pools whose memory has room for some models. */
async function withPools(
  use: (pools: ModelPools, observed: Observed) => Promise<void>,
  { room = 3, devices = '0', engines = '1' }: { room?: number; devices?: string; engines?: string } = {},
): Promise<void> {
  const config = createTestConfig({ PANELVEC_DEVICES: devices, PANELVEC_ENGINES: engines });
  const observed: Observed = { loads: [], evictions: [], restarts: [] };
  const observer: ModelPoolsObserver = {
    recordBatch: () => {},
    recordRestart: (model) => observed.restarts.push(model),
    recordPoisoned: () => {},
    recordReplacement: () => {},
    recordHalvings: () => {},
    recordLoad: (model) => observed.loads.push(model),
    recordEviction: (model) => observed.evictions.push(model),
  };
  const estimate = await estimateBytes(first, countEngines(config));
  // Models of this size take about as much as is estimated before they run.
  const modelsMemoryBytes = Math.floor(estimate * (room + 0.3));
  const pools = new ModelPools({ ...config, modelsMemoryBytes }, observer, silentLogger);
  try {
    await use(pools, observed);
  } finally {
    await pools.stop();
  }
}

const pidsOf = (pools: ModelPools, { id }: Model) =>
  pools.engines.filter(({ model }) => model === id).map(({ pid }) => pid ?? 0);

describe('the pools of models', () => {
  it('loads a model once, although it is asked for twice at a time', () =>
    withPools(async (pools, { loads }) => {
      await Promise.all([pools.load(first), pools.load(first)]);
      await pools.load(first);
      assert.deepEqual(loads, [first.id]);
      assert.equal(pools.engines.length, 1);
      assert.ok((pools.memoryOf(first.id) ?? 0) > 30e6, `${pools.memoryOf(first.id)} bytes`);
    }));

  it('refuses another model with the id of one that is in memory, whose engines would compute its panels', () =>
    withPools(async (pools) => {
      await pools.load(first);
      const expected = await pools.run(first.id, image(7));
      const another = { ...second, id: first.id, space: 'another' };
      await assert.rejects(pools.load(another), {
        code: 'model_unavailable',
        message: /an earlier model with this id has not left/,
      });
      assert.deepEqual((await pools.run(first.id, image(7))).vectors, expected.vectors);
      await pools.unload(first.id);
      await pools.load(another);
      assert.equal(pools.isLoaded(first.id), true);
    }));

  it('refuses a corrupt model beside a running one, whose requests do not notice', () =>
    withPools(async (pools, { loads, restarts }) => {
      await pools.load(first);
      const expected = await pools.run(first.id, image(7));
      let isOver = false;
      let panels = 0;
      const callers = Array.from({ length: 4 }, async () => {
        while (!isOver) {
          assert.deepEqual((await pools.run(first.id, image(7))).vectors, expected.vectors);
          panels++;
        }
      });
      await assert.rejects(pools.load(broken), { code: 'model_invalid' }).finally(() => (isOver = true));
      await Promise.all(callers);
      assert.ok(panels > 0);
      assert.deepEqual([loads, restarts], [[first.id], []]);
      assert.deepEqual([pools.isLoaded(broken.id), pools.engines.length, pools.isReady], [false, 1, true]);
    }));

  it('unloads a model when its work has ended, and its processes end with it', () =>
    withPools(async (pools) => {
      await Promise.all([pools.load(first), pools.load(second)]);
      const [pid = 0] = pidsOf(pools, second);
      const endRequest = pools.beginRequest(second.id);
      const runs = Array.from({ length: 30 }, (_, i) => pools.run(second.id, image(i)));
      let isUnloaded = false;
      const unloading = pools.unload(second.id).then(() => (isUnloaded = true));
      await Promise.all(runs);
      // The request goes on: it finds the model that it has begun with.
      await pools.run(second.id, text(3));
      assert.deepEqual([isUnloaded, isProcessRunning(pid)], [false, true]);
      endRequest();
      await unloading;
      assert.deepEqual([isProcessRunning(pid), pools.memoryOf(second.id), pools.engines.length], [false, undefined, 1]);
      await assert.rejects(pools.run(second.id, text(3)), { code: 'model_unavailable' });
      await pools.run(first.id, text(3));
    }));

  it('lets the model leave that was used least recently, and has it come back when it is asked for', () =>
    withPools(
      async (pools, { loads, evictions }) => {
        for (const model of [first, second, third]) pools.register(model);
        const expected = await pools.run(first.id, image(3));
        await pools.run(second.id, image(3));
        await pools.run(first.id, image(4));
        const [pid = 0] = pidsOf(pools, second);
        await pools.run(third.id, image(3));
        assert.deepEqual(evictions, [second.id]);
        assert.equal(isProcessRunning(pid), false);
        await pools.run(second.id, image(3));
        assert.deepEqual(evictions, [second.id, first.id]);
        const results = await Promise.all([pools.run(first.id, image(3)), pools.runBulk(first.id, image(3))]);
        for (const { vectors } of results) assert.deepEqual(vectors, expected.vectors);
        assert.deepEqual(
          loads,
          [first, second, third, second, first].map(({ id }) => id),
        );
      },
      { room: 2 },
    ));

  it('keeps pinned models and those at work, and refuses what does not fit beside them', () =>
    withPools(
      async (pools, { evictions }) => {
        pools.register(first, { isPinned: true });
        pools.register(second);
        await pools.load(first);
        await pools.load(second);
        const endRequest = pools.beginRequest(second.id);
        await assert.rejects(pools.load(third), {
          code: 'model_too_large',
          message: /model third@1 needs about \d+ MiB; .* these stay: first@1 \d+ MiB, second@1 \d+ MiB/,
        });
        pools.register(third);
        await assert.rejects(pools.run(third.id, text(3)), { code: 'model_unavailable', retryAfterSeconds: 5 });
        assert.deepEqual(evictions, []);
        endRequest();
        await pools.load(third);
        assert.deepEqual(evictions, [second.id]);
      },
      { room: 2 },
    ));

  it('replaces the engine of one model without touching the work of another', () =>
    withPools(async (pools, { restarts }) => {
      await Promise.all([pools.load(first), pools.load(second)]);
      process.kill(pidsOf(pools, second)[0] ?? 0, 'SIGSTOP');
      const waiting = Array.from({ length: 5 }, (_, i) => pools.run(second.id, image(i)));
      // The other model runs although every engine of this one hangs.
      await Promise.all(Array.from({ length: 20 }, (_, i) => pools.run(first.id, image(i))));
      pools.restartEngine(second.id, { device: 0, index: 0 });
      await Promise.all(waiting);
      assert.deepEqual(restarts, [second.id]);
    }));

  it('replaces the engine that is named, and no other', () =>
    withPools(
      async (pools, { restarts }) => {
        await pools.load(first);
        const before = pidsOf(pools, first);
        pools.restartEngine(first.id, { device: 0, index: 1 });
        await waitFor('another engine', () => pools.isReady && pidsOf(pools, first)[1] !== before[1]);
        assert.equal(pidsOf(pools, first)[0], before[0]);
        assert.deepEqual(restarts, [first.id]);
      },
      { engines: '2' },
    ));

  it('has every engine compute the same items', () =>
    withPools(
      async (pools) => {
        await pools.load(first);
        const items = Array.from({ length: 11 }, (_, i) => image(i));
        const expected = await Promise.all(items.map((item) => pools.run(first.id, item)));
        const results = await pools.runOnEach(first.id, items);
        assert.deepEqual(
          results.map(({ device, index }) => `${device}/${index}`),
          ['0/0', '0/1', '1/0', '1/1'],
        );
        for (const engine of results) assert.deepEqual(engine.results, expected);
        await assert.rejects(pools.runOnEach(second.id, items), { code: 'model_unavailable' });
      },
      { devices: '0,1', engines: '2' },
    ));

  it('holds back bulk work of one model while requests for another last', () =>
    withPools(async (pools) => {
      await Promise.all([pools.load(first), pools.load(second)]);
      const endRequest = pools.beginRequest(first.id);
      let done = 0;
      const bulk = Array.from({ length: 40 }, (_, i) => pools.runBulk(second.id, image(i)).then(() => done++));
      await Promise.all(Array.from({ length: 40 }, (_, i) => pools.run(first.id, image(i))));
      assert.ok(done <= 2, `${done} panels of bulk work`);
      endRequest();
      await Promise.all(bulk);
    }));

  it('ends a load when it stops', () =>
    withPools(async (pools) => {
      const loading = assert.rejects(pools.load(first), { code: 'shutting_down' });
      pools.register(second);
      const run = assert.rejects(pools.run(second.id, text(3)), { code: 'shutting_down' });
      await waitFor('the engines to start', () => process.getActiveResourcesInfo().includes('ProcessWrap'));
      await pools.stop();
      await Promise.all([loading, run]);
      await assert.rejects(pools.run(second.id, text(3)), { code: 'shutting_down' });
      assert.deepEqual(pools.engines, []);
    }));

  it('waits for the processes of a model that is leaving when it stops', () =>
    withPools(async (pools) => {
      await pools.load(first);
      const pid = pools.engines[0]?.pid ?? assert.fail('no engine');
      // It will be ended by force.
      process.kill(pid, 'SIGSTOP');
      const unloading = pools.unload(first.id);
      await waitFor('the model to leave', () => !pools.isLoaded(first.id));
      await pools.stop();
      assert.equal(isProcessRunning(pid), false);
      await unloading;
    }));

  it('unloads a model whose engine is started again', () =>
    withPools(async (pools, { restarts }) => {
      await pools.load(first);
      const pid = pools.engines[0]?.pid ?? assert.fail('no engine');
      process.kill(pid, 'SIGKILL');
      const run = pools.run(first.id, text(3));
      await waitFor('the end of the engine', () => restarts.length === 1);
      const unloading = pools.unload(first.id);
      // Its work is done before it leaves.
      await run;
      await unloading;
      assert.deepEqual(pools.engines, []);
      assert.equal(listProcessTree(process.pid).length, 1);
    }));

  it('tries a model that could not come back again, but not for each request', (t) =>
    withPools(async (pools) => {
      pools.register(broken);
      await assert.rejects(pools.run(broken.id, text(3)), { code: 'model_unavailable', message: /broken@1/ });
      const startTime = performance.now();
      await assert.rejects(pools.run(broken.id, text(3)), { code: 'model_unavailable' });
      assert.ok(performance.now() - startTime < 50, 'it was loaded again at once');
      const original = path.join(first.folder, 'only.onnx');
      await cp(original, path.join(broken.folder, 'only.onnx'));
      t.after(() => writeFile(path.join(broken.folder, 'only.onnx'), 'this is no graph'));
      await waitFor('another attempt', () => pools.run(broken.id, text(3)).catch(() => false));
    }));
});
