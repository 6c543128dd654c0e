import type { Logger } from 'pino';
import { EnginePool, type PoolObserver } from '../../inference/engine-pool.ts';
import { type EngineConfig, toPoolSettings } from '../../inference/pool-settings.ts';
import type { Model } from '../../model/model.ts';

/** The engines of a worker have no metrics yet. */
const NO_OBSERVER: PoolObserver = { recordBatch: () => {}, recordRestart: () => {} };

interface LocalPool {
  readonly startedPool: Promise<EnginePool>;
  users: number;
}

/** The pools that a worker starts itself, one for each model in use. An idle pool stops when another model is asked for. */
export class LocalEngines {
  readonly #config: EngineConfig;
  readonly #log: Logger;
  readonly #pools = new Map<string, LocalPool>();

  constructor(config: EngineConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
  }

  /** Returns a warm pool, which runs at least until it is released. @throws PanelvecError where it does not start */
  async acquire(model: Model): Promise<{ readonly pool: EnginePool; release(): void }> {
    const entry = this.#pools.get(model.id) ?? this.#start(model);
    entry.users++;
    try {
      return { pool: await entry.startedPool, release: () => void entry.users-- };
    } catch (error) {
      entry.users--;
      // Not kept: the cause may be gone when the task is tried again.
      if (this.#pools.get(model.id) === entry) this.#pools.delete(model.id);
      throw error;
    }
  }

  async stop(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(stopPool));
  }

  #start(model: Model): LocalPool {
    const idle = [...this.#pools].filter(([, { users }]) => users === 0);
    for (const [id] of idle) this.#pools.delete(id);
    const start = async () => {
      // These stop first: the memory may not hold two models of full size.
      await Promise.all(idle.map(([, entry]) => stopPool(entry)));
      const pool = new EnginePool(toPoolSettings(this.#config, [model]), NO_OBSERVER, this.#log);
      await pool.start();
      return pool;
    };
    const entry = { startedPool: start(), users: 0 };
    this.#pools.set(model.id, entry);
    return entry;
  }
}

async function stopPool({ startedPool }: LocalPool): Promise<void> {
  await startedPool.then(
    (pool) => pool.stop(),
    () => {},
  );
}
