import type { Logger } from 'pino';
import { PanelvecError } from '../errors.ts';
import type { ChosenProvider } from '../onnxruntime/provider.ts';
import { activeTrace, withoutSpan } from '../tracing/tracing.ts';
import { recordBatchSpans, recordLostSpans } from './batch-spans.ts';
import type { BulkScheduler } from './bulk-scheduler.ts';
import type { BatchResult } from './engine-messages.ts';
import { EngineSlot, engineUnavailableError } from './engine-slot.ts';
import {
  countUnits,
  countViews,
  type EngineId,
  type EngineItem,
  type EngineResult,
  isSameEngine,
  toEngineId,
} from './engine-types.ts';
import { type QueueEntry, rejectCancelled, removeEntries, takeBatch } from './inference-queue.ts';
import { LostPanels } from './lost-panels.ts';
import type { PoolSettings } from './pool-settings.ts';
import { type Priority, PriorityTurns } from './priority.ts';

/** Batches given to an engine at a time: one runs, the next already waits in its pipe. */
export const BATCHES_IN_FLIGHT = 2;

/** What the metrics record. */
export interface PoolObserver {
  recordBatch(model: string, items: number, seconds: number, queuedSeconds: readonly number[]): void;
  recordRestart(model: string, engine: EngineId): void;
  /** A panel is refused because it ended its engine, this time or earlier. */
  recordPoisoned(model: string): void;
  /** An engine is replaced because its memory has grown. */
  recordReplacement(model: string, engine: EngineId): void;
  /** A batch was computed in parts, because the memory of the engine did not suffice for all. @param halvings how often it was halved */
  recordHalvings(model: string, engine: EngineId, halvings: number): void;
  /** What an engine has computed, also beside the queue. @param units as `countUnits` */
  recordWork?(model: string, units: number, seconds: number): void;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** `interactive` by default */
  readonly priority?: Priority | undefined;
}

export interface EngineState extends EngineId {
  readonly model: string;
  readonly pid: number | undefined;
  readonly info: ChosenProvider | undefined;
  /** Memory of its process when it last answered; 0 while it is not warm */
  readonly residentBytes: number;
}

/** What one engine makes of items. */
export interface EngineResults extends EngineId {
  readonly results: readonly EngineResult[];
}

/**
 * The engines of one model and the two queues in front of them, one for requests and one for bulk work, which gives way. Panels that
 * arrive while every engine is busy wait and are batched; a lone panel goes out at once. A batch whose engine died is tried
 * again, panel by panel, unless it was the fault of a panel (LostPanels).
 */
export class EnginePool {
  readonly #slots: readonly EngineSlot[];
  readonly #requestQueue: QueueEntry[] = [];
  readonly #bulkQueue: QueueEntry[] = [];
  readonly #turns = new PriorityTurns();
  readonly #bulkScheduler: BulkScheduler;
  readonly #settings: PoolSettings;
  readonly #observer: PoolObserver;
  readonly #lostPanels: LostPanels;
  #expiryTimer: NodeJS.Timeout | undefined;
  #bulkTimer: NodeJS.Timeout | undefined;
  #isStopping = false;

  /** @param bulkScheduler shared by all pools whose requests bulk work gives way to */
  constructor(settings: PoolSettings, bulkScheduler: BulkScheduler, observer: PoolObserver, log: Logger) {
    this.#settings = settings;
    this.#bulkScheduler = bulkScheduler;
    this.#observer = observer;
    const { id } = settings.model;
    this.#lostPanels = new LostPanels(settings.poisonedSeconds, () => observer.recordPoisoned(id));
    const events = {
      onFree: () => this.dispatch(),
      onResults: (batch: readonly QueueEntry[], result: BatchResult, slot: EngineSlot) => {
        if (result.halvings > 0) observer.recordHalvings(id, toEngineId(slot.settings), result.halvings);
        recordBatchSpans(batch, result, slot.settings);
        this.#resolveBatch(batch, result);
      },
      onLost: (batch: readonly QueueEntry[], error: unknown, wasAlone: boolean) => {
        recordLostSpans(batch, error, id);
        this.#handleLostBatch(batch, error, wasAlone);
      },
      onRestart: (slot: EngineSlot) => observer.recordRestart(id, toEngineId(slot.settings)),
      onReplacement: (slot: EngineSlot) => observer.recordReplacement(id, toEngineId(slot.settings)),
    };
    this.#slots = settings.engines.map((engine) => new EngineSlot(engine, settings, events, log.child({ model: id })));
  }

  /** Resolves when every engine is warm. @throws PanelvecError saying what is missing */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#slots.map((slot) => slot.start()));
    } catch (error) {
      await this.stop();
      throw error;
    }
    const { queueTimeoutMs } = this.#settings;
    this.#expiryTimer = setInterval(() => this.#rejectExpired(), Math.min(1000, queueTimeoutMs / 2)).unref();
  }

  /** Ends the engines, and rejects the work that is left. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#expiryTimer);
    clearTimeout(this.#bulkTimer);
    for (const entry of [...this.#requestQueue.splice(0), ...this.#bulkQueue.splice(0)])
      entry.reject(shuttingDownError());
    await Promise.all(this.#slots.map((slot) => slot.stop()));
  }

  get engines(): readonly EngineState[] {
    const { id: model } = this.#settings.model;
    return this.#slots.map(({ settings, pid, info, residentBytes }) => ({
      model,
      ...toEngineId(settings),
      pid,
      info,
      residentBytes,
    }));
  }

  /** Whether every engine is warm. */
  get isReady(): boolean {
    return this.#slots.every((slot) => slot.info !== undefined);
  }

  /** Memory of the engine processes when they last answered. */
  get residentBytes(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.residentBytes, 0);
  }

  /** Panels of requests that wait for an engine. */
  get queueLength(): number {
    return this.#requestQueue.length;
  }

  /**
   * Computes a panel of a request.
   * @throws PanelvecError inference_failed, poisoned_input, engine_unavailable, shutting_down; request_cancelled after an abort
   */
  run(item: EngineItem, { signal, priority = 'interactive' }: RunOptions = {}): Promise<EngineResult> {
    return this.#enqueue({ item, signal, priority, isBulk: false });
  }

  /** Computes a panel of a job: it gives way to requests, and waits as long as they last. */
  runBulk(item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    return this.#enqueue({ item, signal, priority: 'batch', isBulk: true });
  }

  /**
   * Has every engine compute the items, although panels may wait in the queues. One after the other: a request that arrives meanwhile
   * waits for one of them at most.
   * @throws PanelvecError as `run`; engine_unavailable while an engine is being replaced
   */
  runOnEach(items: readonly EngineItem[]): Promise<EngineResults[]> {
    return Promise.all(
      this.#slots.map(async (slot) => {
        const results: EngineResult[] = [];
        for (const item of items) {
          const computed = await slot.compute([item]);
          this.#recordWork([item], computed.seconds);
          results.push(...computed.results);
        }
        return { ...toEngineId(slot.settings), results };
      }),
    );
  }

  /** Ends an engine by force; another takes its place. */
  restartEngine(engine: EngineId): void {
    this.#slots.find(({ settings }) => isSameEngine(settings, engine))?.restart();
  }

  #enqueue(panel: Pick<QueueEntry, 'item' | 'signal' | 'priority' | 'isBulk'>): Promise<EngineResult> {
    if (this.#isStopping) return Promise.reject(shuttingDownError());
    const refusal = this.#lostPanels.findRefusal(panel.item);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.#queueOf(panel).push({
        ...panel,
        cost: this.#costOf(panel.item),
        queuedAt: performance.now(),
        isRetry: false,
        suspicion: 0,
        oomKills: undefined,
        trace: panel.isBulk ? undefined : activeTrace(),
        resolve,
        reject,
      });
      // Panels of one request arrive in one turn of the event loop: they go out together.
      queueMicrotask(() => this.dispatch());
    });
  }

  #recordWork(items: readonly EngineItem[], seconds: number): void {
    const { id, spec } = this.#settings.model;
    const units = items.reduce((sum, item) => sum + countUnits(item, spec.vision), 0);
    this.#observer.recordWork?.(id, units, seconds);
  }

  #costOf({ pixels }: EngineItem): number {
    return pixels === null ? 1 : countViews(pixels, this.#settings.model.spec.vision);
  }

  /** Gives engines that are free the work that may run now. It is of many requests: what is logged of it belongs to none. */
  dispatch(): void {
    withoutSpan(() => this.#dispatchAll());
  }

  #dispatchAll(): void {
    if (this.#bulkQueue.length > 0 && this.#bulkScheduler.isOverdue) this.#dispatchOverdueBulk();
    while (this.#requestQueue.length > 0) {
      const slot = this.#findFreeSlot(this.#requestQueue);
      if (slot === undefined) return;
      const batch = takeBatch(this.#requestQueue, slot.settings.maxBatch, this.#turns);
      if (batch.length > 0) slot.run(batch);
    }
    this.#dispatchBulk();
  }

  /** Runs bulk work before requests that fill every engine: otherwise a busy service would never finish a job. */
  #dispatchOverdueBulk(): void {
    const slot = this.#findFreeSlot(this.#bulkQueue);
    if (slot === undefined) return;
    const batch = takeBatch(
      this.#bulkQueue,
      Math.min(this.#bulkScheduler.takeTurn(), slot.settings.maxBatch),
      this.#turns,
    );
    if (batch.length > 0) slot.run(batch);
  }

  #dispatchBulk(): void {
    while (this.#bulkQueue.length > 0) {
      const slot = this.#findFreeSlot(this.#bulkQueue);
      if (slot === undefined) return;
      const { maxPanels, maxBatches } = this.#bulkScheduler.quota(slot.settings.maxBatch, BATCHES_IN_FLIGHT);
      if (maxPanels === 0) {
        clearTimeout(this.#bulkTimer);
        this.#bulkTimer = setTimeout(() => this.dispatch(), this.#bulkScheduler.retryDelayMs);
        return;
      }
      if (slot.runningBatches >= maxBatches) return;
      const batch = takeBatch(this.#bulkQueue, maxPanels, this.#turns);
      if (batch.length > 0) slot.run(batch);
    }
  }

  /** The least busy engine that may take from the queue. */
  #findFreeSlot(queue: readonly QueueEntry[]): EngineSlot | undefined {
    const canTake = (slot: EngineSlot) => {
      const isExclusive = slot.isRunningRetry || (queue[0]?.isRetry ?? false);
      return slot.info !== undefined && !slot.isDraining && slot.runningBatches < (isExclusive ? 1 : BATCHES_IN_FLIGHT);
    };
    return this.#slots.filter(canTake).sort((a, b) => a.runningBatches - b.runningBatches)[0];
  }

  #resolveBatch(batch: readonly QueueEntry[], { results, seconds }: BatchResult): void {
    const now = performance.now();
    const isBulk = batch.some((entry) => entry.isBulk);
    if (isBulk) this.#bulkScheduler.recordRun(seconds);
    this.#recordWork(
      batch.map(({ item }) => item),
      seconds,
    );
    // How long bulk work waits says nothing about the service.
    const queuedSeconds = (isBulk ? [] : batch).map((entry) => Math.max(0, (now - entry.queuedAt) / 1000 - seconds));
    this.#observer.recordBatch(this.#settings.model.id, batch.length, seconds, queuedSeconds);
    for (const [i, entry] of batch.entries()) {
      const result = results[i];
      if (result === undefined) entry.reject(new PanelvecError('internal', 'the engine gave too few results'));
      else entry.resolve(result);
    }
  }

  /** Puts the panels that are tried again to the front, in their order. */
  #handleLostBatch(batch: readonly QueueEntry[], error: unknown, wasAlone: boolean): void {
    if (this.#isStopping) {
      for (const entry of batch) entry.reject(shuttingDownError());
      return;
    }
    const retries = this.#lostPanels.sortOut(batch, error, wasAlone, [this.#requestQueue, this.#bulkQueue]);
    for (const entry of retries.toReversed()) this.#queueOf(entry).unshift(entry);
  }

  #queueOf({ isBulk }: Pick<QueueEntry, 'isBulk'>): QueueEntry[] {
    return isBulk ? this.#bulkQueue : this.#requestQueue;
  }

  /** Requests do not wait for ever, even if no engine comes back. Jobs do. */
  #rejectExpired(): void {
    rejectCancelled(this.#bulkQueue);
    const minQueuedAt = performance.now() - this.#settings.queueTimeoutMs;
    for (const entry of removeEntries(this.#requestQueue, ({ queuedAt }) => queuedAt < minQueuedAt))
      entry.reject(engineUnavailableError('no engine was free in time'));
  }
}

export function shuttingDownError(): PanelvecError {
  return new PanelvecError('shutting_down', 'the service is stopping');
}
