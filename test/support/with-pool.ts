import type { Logger } from 'pino';
import { BulkScheduler } from '../../src/inference/bulk-scheduler.ts';
import { EnginePool, type EngineState } from '../../src/inference/engine-pool.ts';
import type { EngineItem } from '../../src/inference/engine-types.ts';
import type { PoolSettings } from '../../src/inference/pool-settings.ts';
import type { Model } from '../../src/model/model.ts';
import { silentLogger } from './in-process-service.ts';

/** An engine starts slowly while other programs work: only a defect reaches it. */
export const ENGINE_TIMEOUT_MS = 120_000;

/** What a pool has reported to its observer. */
export interface Observed {
  readonly batches: number[];
  restarts: number;
  poisoned: number;
  replacements: number;
  halvings: number;
}

export interface TestPoolSettings extends Partial<Omit<PoolSettings, 'engines' | 'model'>> {
  readonly maxBatch?: number;
  readonly devices?: readonly number[];
  readonly provider?: 'cpu' | 'cuda' | 'auto';
  readonly log?: Logger;
}

/** Runs a test with a pool and with what the pool reported to its observer. */
export async function withPool(
  model: Model,
  use: (pool: EnginePool, observed: Observed, bulkScheduler: BulkScheduler) => Promise<void>,
  { maxBatch = 4, devices = [0], provider = 'cpu', log = silentLogger, ...settings }: TestPoolSettings = {},
): Promise<void> {
  const observed: Observed = { batches: [], restarts: 0, poisoned: 0, replacements: 0, halvings: 0 };
  const bulkScheduler = new BulkScheduler(1);
  const pool = new EnginePool(
    {
      model,
      engines: devices.map((device) => ({ device, index: 0, provider, threads: 1, maxBatch, model })),
      queueTimeoutMs: ENGINE_TIMEOUT_MS,
      batchTimeoutMs: ENGINE_TIMEOUT_MS,
      startTimeoutMs: ENGINE_TIMEOUT_MS,
      poisonedSeconds: 60,
      maxEngineBytes: 0,
      ...settings,
    },
    bulkScheduler,
    {
      recordBatch: (_, items) => observed.batches.push(items),
      recordRestart: () => observed.restarts++,
      recordPoisoned: () => observed.poisoned++,
      recordReplacement: () => observed.replacements++,
      recordHalvings: (_, __, halvings) => {
        observed.halvings += halvings;
      },
    },
    log,
  );
  await pool.start();
  try {
    await use(pool, observed, bulkScheduler);
  } finally {
    await pool.stop();
  }
}

export function killEngine(engine: Pick<EngineState, 'pid'> | undefined): void {
  // The id 0 would mean this process and all of its children.
  if (!engine?.pid) throw new Error('the engine has no process');
  process.kill(engine.pid, 'SIGKILL');
}

/** A panel of a text alone, by its tokens in the vocabulary of the tiny model. */
export function textItem(...tokens: number[]): EngineItem {
  return { pixels: null, tokens: Int32Array.from(tokens), composition: null, outputs: ['fused'] };
}

/** A panel of a picture in one colour alone, of the size of the tiny model. */
export function imageItem(value: number): EngineItem {
  return { ...textItem(), tokens: null, pixels: new Uint8Array(8 * 8 * 3).fill(value) };
}
