import assert from 'node:assert/strict';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import { MemoryBoundRunner } from '../../../src/inference/engine/run-within-memory.ts';
import type { EngineItem, EngineResult } from '../../../src/inference/engine-types.ts';
import { textItem } from '../../support/with-pool.ts';

/** Items that fit into memory together */
let room: number;
let runs: number[];
let runner: MemoryBoundRunner;

/** The token of each item as its vector. */
async function run(items: readonly EngineItem[]): Promise<EngineResult[]> {
  runs.push(items.length);
  if (items.length > room) throw new Error('bad allocation');
  return items.map(({ tokens }) => ({
    vectors: { fused: Float32Array.from(tokens ?? []) },
    gateWeights: null,
    backboneWeights: null,
  }));
}

beforeEach((t) => {
  (t as TestContext).mock.method(console, 'error', () => {});
  room = Number.POSITIVE_INFINITY;
  runs = [];
  runner = new MemoryBoundRunner(run);
});

const itemsTo = (count: number) => Array.from({ length: count }, (_, i) => textItem(i));

async function runItems(count: number): Promise<number> {
  const { results, halvings } = await runner.run(itemsTo(count));
  assert.deepEqual(
    results.map(({ vectors }) => vectors.fused?.[0]),
    Array.from({ length: count }, (_, i) => i),
  );
  return halvings;
}

describe('a batch that does not fit into memory', () => {
  it('is halved until it fits, and keeps its order', async () => {
    room = 2;
    assert.equal(await runItems(7), 2);
    assert.deepEqual(runs, [7, 4, 2, 2, 2, 1]);
  });

  it('makes the next ones as small', async () => {
    room = 2;
    await runItems(4);
    runs = [];
    assert.equal(await runItems(5), 0);
    assert.deepEqual(runs, [2, 2, 1]);
  });

  it('is tried as a whole again after 64 full runs', async () => {
    room = 2;
    await runItems(4);
    room = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 31; i++) await runItems(4);
    runs = [];
    await runItems(4);
    assert.deepEqual(runs, [4]);
  });

  it('is refused if it is a single panel', async () => {
    room = 0;
    await assert.rejects(runner.run(itemsTo(3)), {
      code: 'inference_failed',
      message: 'the panel does not fit into the memory of the engine',
    });
    assert.deepEqual(runs, [3, 2, 1]);
  });
});

describe('allocation failures', () => {
  const messages = [
    'BFCArena::AllocateRawInternal(size_t) Failed to allocate memory for requested buffer of size 1073741824',
    'Available memory of 1024 is smaller than requested bytes of 4096',
    'std::bad_alloc',
    'CUDA failure 2: out of memory ; GPU=0',
    'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED',
    'Array buffer allocation failed',
  ];
  for (const message of messages)
    it(`are recognised: ${message}`, async () => {
      let isFirst = true;
      runner = new MemoryBoundRunner((items) => {
        if (!isFirst) return run(items);
        isFirst = false;
        throw new Error(message);
      });
      assert.equal(await runItems(2), 1);
    });

  it('are not what other errors are', async () => {
    runner = new MemoryBoundRunner(() => Promise.reject(new Error('Invalid rank for input: image')));
    await assert.rejects(runner.run(itemsTo(2)), /Invalid rank/);
  });
});
