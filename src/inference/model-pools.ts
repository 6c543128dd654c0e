import type { Logger } from 'pino';
import { firstLine, PanelvecError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { BulkEngines } from './bulk-engines.ts';
import { BulkScheduler } from './bulk-scheduler.ts';
import {
  BATCHES_IN_FLIGHT,
  EnginePool,
  type EngineResults,
  type EngineState,
  type PoolObserver,
  type RunOptions,
  shuttingDownError,
} from './engine-pool.ts';
import type { EngineId, EngineItem, EngineResult } from './engine-types.ts';
import { createEntry, type ModelEntry } from './model-entry.ts';
import { ModelRoom } from './model-room.ts';
import { countEngines, type EngineConfig, toPoolSettings } from './pool-settings.ts';

/** A model that could not come back is not tried again for each request. */
const RETRY_AFTER_SECONDS = 5;

/** What the metrics record. */
export interface ModelPoolsObserver extends PoolObserver {
  recordLoad(model: string): void;
  /** The model made room for another. */
  recordEviction(model: string): void;
}

export interface ModelPoolsConfig extends EngineConfig {
  /** Bound on the memory of all engine processes together */
  readonly modelsMemoryBytes: number;
}

export interface RegisterOptions {
  /** Whether the model stays in memory even if it is idle and another needs the room */
  readonly isPinned?: boolean;
}

/**
 * The engines of all models, a pool of processes for each: a bad model cannot hurt another, and its memory comes back when its
 * processes end. Bulk work of any model gives way to requests for any. Registered models come and go with the memory that
 * there is (docs/decisions/0026).
 */
export class ModelPools implements BulkEngines {
  readonly #config: ModelPoolsConfig;
  readonly #observer: ModelPoolsObserver;
  readonly #log: Logger;
  readonly #bulkScheduler: BulkScheduler;
  readonly #entries = new Map<string, ModelEntry>();
  readonly #room: ModelRoom;
  #isStopping = false;

  constructor(config: ModelPoolsConfig, observer: ModelPoolsObserver, log: Logger) {
    this.#config = config;
    this.#observer = observer;
    this.#log = log;
    this.#bulkScheduler = new BulkScheduler(config.bulkBatch);
    this.#room = new ModelRoom({
      maxBytes: config.modelsMemoryBytes,
      enginesPerModel: this.enginesPerModel,
      entries: () => [...this.#entries.values()],
      leave: (id, newcomer) => {
        log.info({ model: id, for_model: newcomer.id }, 'a model that is idle leaves the memory');
        observer.recordEviction(id);
        return this.unload(id);
      },
    });
  }

  /**
   * Warms a model beside the others. Registered models that are idle and not pinned leave if it needs their room. A load that
   * fails leaves nothing. A model that is loaded and not registered stays until `unload`.
   * @throws PanelvecError model_too_large, model_invalid, provider_unavailable, engine_unavailable, shutting_down; model_unavailable
   * while an earlier model with its id has not left
   */
  async load(model: Model): Promise<void> {
    // A load that comes while the model leaves is meant to last.
    await this.#entries.get(model.id)?.unloading;
    const entry = this.#entries.get(model.id) ?? this.#addEntry(model);
    // A folder may have come in place of one that was removed, whose engines are still about to end: they compute other vectors.
    if (entry.model.space !== model.space)
      throw unavailableError(model.id, 'an earlier model with this id has not left yet');
    await this.#load(entry);
  }

  /** Ends the engines of a model when its work has ended. A registered one comes back when it is asked for. */
  async unload(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry !== undefined) await this.#unload(entry);
  }

  /** Makes a model one that `run` loads where it is not in memory. Pin those that requests must never wait for. */
  register(model: Model, { isPinned = false }: RegisterOptions = {}): void {
    const entry = this.#entries.get(model.id) ?? this.#addEntry(model);
    entry.isRegistered = true;
    entry.isPinned = isPinned;
  }

  /** Unloads a model when its work has ended. Requests that found it but have not begun would fail: give them some seconds. */
  async forget(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.isRegistered = false;
    entry.isPinned = false;
    await this.#unload(entry);
  }

  /** Whether the model is warm. */
  isLoaded(id: string): boolean {
    return this.#entries.get(id)?.pool !== undefined;
  }

  /** The model if `run` computes its panels: it is warm, or comes back when it is asked for. */
  findKnown(id: string): Model | undefined {
    const entry = this.#entries.get(id);
    return entry?.isRegistered || entry?.pool !== undefined ? entry?.model : undefined;
  }

  /** Whether a model fits beside all that are in memory, so that none has to leave. */
  hasRoomFor(model: Model): Promise<boolean> {
    return this.#room.hasRoomFor(model);
  }

  /** Memory of the engine processes of a model when they last answered; undefined where it is not loaded. */
  memoryOf(id: string): number | undefined {
    return this.#entries.get(id)?.pool?.residentBytes;
  }

  /** Of the models that are warm, or were before an engine of theirs ended */
  get engines(): readonly EngineState[] {
    return this.#pools.flatMap((pool) => pool.engines);
  }

  /** The engines of each model */
  get enginesPerModel(): number {
    return countEngines(this.#config);
  }

  /** Whether every engine of the pinned models is warm; where none is pinned, of all that are loaded. */
  get isReady(): boolean {
    const entries = [...this.#entries.values()];
    const pinned = entries.filter(({ isPinned }) => isPinned);
    const needed = pinned.length > 0 ? pinned : entries.filter(({ pool }) => pool !== undefined);
    return needed.length > 0 && needed.every(({ pool }) => pool?.isReady);
  }

  /** Panels that the engines of a model hold at a time: with fewer, some would wait for work. */
  get capacity(): number {
    return BATCHES_IN_FLIGHT * this.#config.maxBatch * this.enginesPerModel;
  }

  /** Panels of requests that wait for an engine. */
  get queueLength(): number {
    return this.#pools.reduce((sum, pool) => sum + pool.queueLength, 0);
  }

  /**
   * Computes a panel of a request.
   * @throws PanelvecError inference_failed, engine_unavailable, model_unavailable, shutting_down; request_cancelled after an abort
   */
  run(id: string, item: EngineItem, options?: RunOptions): Promise<EngineResult> {
    return this.#use(id, (pool) => pool.run(item, options));
  }

  runBulk(id: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    return this.#use(id, (pool) => pool.runBulk(item, signal));
  }

  /**
   * Has every engine of a model compute the items, although panels may wait.
   * @throws PanelvecError as `run`; model_unavailable where it is not loaded, engine_unavailable while an engine is being replaced
   */
  async runOnEach(id: string, items: readonly EngineItem[]): Promise<EngineResults[]> {
    const entry = this.#entries.get(id);
    if (entry?.pool === undefined) throw unavailableError(id, 'it is not loaded');
    const release = entry.uses.hold();
    try {
      return await entry.pool.runOnEach(items);
    } finally {
      release();
    }
  }

  /** Ends an engine of a model by force; another takes its place. */
  restartEngine(id: string, engine: EngineId): void {
    this.#entries.get(id)?.pool?.restartEngine(engine);
  }

  /**
   * Makes bulk work hold back until the returned function is called; also while a request is still being prepared.
   * @param id the model of the request, which stays until then
   */
  beginRequest(id?: string): () => void {
    const endRequest = this.#bulkScheduler.beginRequest();
    const endUse = id === undefined ? undefined : this.#entries.get(id)?.uses.use();
    return () => {
      endRequest();
      endUse?.();
      for (const pool of this.#pools) pool.dispatch();
    };
  }

  /** Ends all engines, and rejects the work that is left. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(
      [...this.#entries.values()].map(({ pool, starting, leaving }) => (pool ?? starting ?? leaving)?.stop()),
    );
  }

  get #pools(): readonly EnginePool[] {
    return [...this.#entries.values()].flatMap(({ pool }) => pool ?? []);
  }

  #addEntry(model: Model): ModelEntry {
    const entry = createEntry(model);
    this.#entries.set(model.id, entry);
    return entry;
  }

  /** Calls `work` in this turn of the event loop where the model is warm: panels of one request go out together. */
  #use(id: string, work: (pool: EnginePool) => Promise<EngineResult>): Promise<EngineResult> {
    if (this.#isStopping) return Promise.reject(shuttingDownError());
    const entry = this.#entries.get(id);
    if (entry === undefined) return Promise.reject(unavailableError(id, 'it is not served any more'));
    const endUse = entry.uses.use();
    const result = entry.pool === undefined ? this.#loadOnDemand(entry).then(work) : work(entry.pool);
    return result.finally(endUse);
  }

  async #loadOnDemand(entry: ModelEntry): Promise<EnginePool> {
    const { failure, model } = entry;
    if (!entry.isRegistered && entry.loading === undefined)
      throw unavailableError(model.id, 'it is not served any more');
    const isRecent = failure !== undefined && performance.now() - failure.time < RETRY_AFTER_SECONDS * 1000;
    if (isRecent && entry.loading === undefined) throw failure.error;
    try {
      return await this.#load(entry);
    } catch (cause) {
      if (this.#isStopping) throw shuttingDownError();
      const error = unavailableError(model.id, firstLine(cause), cause);
      entry.failure = { error, time: performance.now() };
      throw error;
    }
  }

  #load(entry: ModelEntry): Promise<EnginePool> {
    entry.loading ??= this.#start(entry).catch((error: unknown) => {
      entry.loading = undefined;
      entry.starting = undefined;
      entry.bytes = 0;
      this.#dropUnused(entry);
      throw error;
    });
    return entry.loading;
  }

  async #start(entry: ModelEntry): Promise<EnginePool> {
    await entry.unloading;
    await this.#room.makeFor(entry);
    if (this.#isStopping) throw shuttingDownError();
    const settings = toPoolSettings(this.#config, entry.model);
    const pool = new EnginePool(settings, this.#bulkScheduler, this.#observer, this.#log);
    entry.starting = pool;
    try {
      await pool.start();
    } catch (error) {
      throw this.#isStopping ? shuttingDownError() : error;
    }
    entry.starting = undefined;
    entry.pool = pool;
    entry.bytes = pool.residentBytes;
    entry.failure = undefined;
    this.#observer.recordLoad(entry.model.id);
    return pool;
  }

  #unload(entry: ModelEntry): Promise<void> {
    entry.unloading ??= this.#stopWhenFree(entry).finally(() => {
      entry.unloading = undefined;
      this.#dropUnused(entry);
    });
    return entry.unloading;
  }

  async #stopWhenFree(entry: ModelEntry): Promise<void> {
    const pool = await entry.loading?.catch(() => undefined);
    // What waits for a model to be loaded must not be waited for.
    if (pool === undefined) return;
    await entry.uses.waitUntilFree();
    entry.pool = undefined;
    entry.loading = undefined;
    entry.leaving = pool;
    await pool.stop();
    entry.leaving = undefined;
    entry.bytes = 0;
  }

  #dropUnused(entry: ModelEntry): void {
    const isInUse = entry.isRegistered || entry.pool !== undefined || entry.loading !== undefined;
    if (!isInUse && this.#entries.get(entry.model.id) === entry) this.#entries.delete(entry.model.id);
  }
}

function unavailableError(id: string, reason: string, cause?: unknown): PanelvecError {
  const message = `model ${id} cannot be used now: ${reason}`;
  return new PanelvecError('model_unavailable', message, {
    param: 'model',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}
