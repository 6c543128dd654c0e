import type { Logger } from 'pino';
import type { BulkEngines } from '../../inference/bulk-engines.ts';
import { ModelPools, type ModelPoolsObserver } from '../../inference/model-pools.ts';
import type { EngineConfig } from '../../inference/pool-settings.ts';
import type { Model } from '../../model/model.ts';

/** The engines of a worker have no metrics yet. */
const NO_OBSERVER: ModelPoolsObserver = {
  recordBatch: () => {},
  recordRestart: () => {},
  recordPoisoned: () => {},
  recordReplacement: () => {},
  recordHalvings: () => {},
  recordLoad: () => {},
  recordEviction: () => {},
};

/** The engines that a worker starts itself, for each model in use. Those of an idle model stop when another is asked for. */
export class LocalEngines {
  readonly #pools: ModelPools;
  /** By model */
  readonly #users = new Map<string, number>();

  constructor(config: EngineConfig, log: Logger) {
    // The bound is one on the models of a service: a job has the models that its spec names.
    this.#pools = new ModelPools({ ...config, modelsMemoryBytes: Number.POSITIVE_INFINITY }, NO_OBSERVER, log);
  }

  /** Returns warm engines, which run at least until they are released. @throws PanelvecError where they do not start */
  async acquire(model: Model): Promise<{ readonly engines: BulkEngines; release(): void }> {
    this.#addUser(model.id, 1);
    const idle = [...this.#users].filter(([, users]) => users === 0);
    for (const [id] of idle) this.#users.delete(id);
    try {
      // These stop first: the memory may not hold two models of full size.
      await Promise.all(idle.map(([id]) => this.#pools.unload(id)));
      await this.#pools.load(model);
      return { engines: this.#pools, release: () => this.#addUser(model.id, -1) };
    } catch (error) {
      this.#addUser(model.id, -1);
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.#pools.stop();
  }

  #addUser(id: string, change: 1 | -1): void {
    this.#users.set(id, (this.#users.get(id) ?? 0) + change);
  }
}
