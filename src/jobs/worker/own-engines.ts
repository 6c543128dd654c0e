import type { Logger } from 'pino';
import { EnginePool, type PoolObserver } from '../../inference/engine-pool.ts';
import { type EngineConfig, poolSettings } from '../../inference/pool-settings.ts';
import type { Model } from '../../model/model.ts';

/** Nobody measures a worker's own engines yet. */
const NOBODY: PoolObserver = { batch: () => {}, restart: () => {} };

interface OwnPool {
  readonly started: Promise<EnginePool>;
  users: number;
}

/** The pools that a worker starts itself, one for each model in use. One that is idle goes when another model is asked for. */
export class OwnEngines {
  readonly #config: EngineConfig;
  readonly #log: Logger;
  readonly #pools = new Map<string, OwnPool>();

  constructor(config: EngineConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
  }

  /** A warm pool, kept until it is released. @throws PanelvecError where it does not start */
  async use(model: Model): Promise<{ readonly pool: EnginePool; release(): void }> {
    const own = this.#pools.get(model.id) ?? this.#start(model);
    own.users++;
    try {
      return { pool: await own.started, release: () => void own.users-- };
    } catch (error) {
      own.users--;
      // Not kept: the cause may be gone when the task is tried again.
      if (this.#pools.get(model.id) === own) this.#pools.delete(model.id);
      throw error;
    }
  }

  async stop(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(stopPool));
  }

  #start(model: Model): OwnPool {
    const idle = [...this.#pools].filter(([, { users }]) => users === 0);
    for (const [id] of idle) this.#pools.delete(id);
    const start = async () => {
      // First these: two models of full size may be more than the memory holds.
      await Promise.all(idle.map(([, own]) => stopPool(own)));
      const pool = new EnginePool(poolSettings(this.#config, [model]), NOBODY, this.#log);
      await pool.start();
      return pool;
    };
    const own = { started: start(), users: 0 };
    this.#pools.set(model.id, own);
    return own;
  }
}

async function stopPool({ started }: OwnPool): Promise<void> {
  await started.then(
    (pool) => pool.stop(),
    () => {},
  );
}
