import type { Logger } from 'pino';
import { firstLine, PanelvecError } from '../errors.ts';
import type { ChosenProvider } from '../onnxruntime/provider.ts';
import { BulkScheduler } from './bulk-scheduler.ts';
import type { BatchResult } from './engine-messages.ts';
import { EngineSlot, engineUnavailableError, type SlotTimeouts } from './engine-slot.ts';
import type { EngineItem, EngineResult, EngineSettings } from './engine-types.ts';
import { type QueueEntry, rejectCancelled, takeBatch } from './inference-queue.ts';

/** Batches given to an engine at a time: one runs, the next already waits in its pipe. */
const BATCHES_IN_FLIGHT = 2;

export interface PoolSettings extends SlotTimeouts {
  /** One engine each */
  readonly engines: readonly EngineSettings[];
  readonly queueTimeoutMs: number;
  /** Panels of a bulk run while calls come in */
  readonly bulkBatch: number;
}

/** What the metrics want to know. */
export interface PoolObserver {
  recordBatch(items: number, seconds: number, queuedSeconds: readonly number[]): void;
  recordRestart(device: number): void;
}

export interface EngineState {
  readonly device: number;
  readonly pid: number | undefined;
  readonly info: ChosenProvider | undefined;
}

/** Whoever computes panels for a job: a pool of this process, or one that another process lends. */
export interface BulkEngines {
  /** Gives way to calls, and waits as long as they last. @throws PanelvecError as EnginePool.run */
  runBulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult>;
}

/**
 * All engines and the queues in front of them: one of calls, one of bulk work, which gives way. Work that arrives while every engine is busy waits and is batched; a lone
 * panel goes out at once. A batch whose engine died is tried once more, panel by panel.
 */
export class EnginePool implements BulkEngines {
  readonly #slots: readonly EngineSlot[];
  readonly #requestQueue: QueueEntry[] = [];
  readonly #bulkQueue: QueueEntry[] = [];
  readonly #bulkScheduler: BulkScheduler;
  readonly #settings: PoolSettings;
  readonly #observer: PoolObserver;
  #expiryTimer: NodeJS.Timeout | undefined;
  #bulkTimer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(settings: PoolSettings, observer: PoolObserver, log: Logger) {
    this.#settings = settings;
    this.#observer = observer;
    this.#bulkScheduler = new BulkScheduler(settings.bulkBatch);
    this.#slots = settings.engines.map(
      (engine) =>
        new EngineSlot(
          engine,
          settings,
          {
            onFree: () => this.#dispatch(),
            onResults: (batch, result) => this.#resolveBatch(batch, result),
            onLost: (batch, error) => this.#handleLostBatch(batch, error),
            onRestart: (slot) => observer.recordRestart(slot.settings.device),
          },
          log,
        ),
    );
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

  /** Ends the engines. Callers drain first: work that is still there is rejected. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#expiryTimer);
    clearTimeout(this.#bulkTimer);
    for (const entry of [...this.#requestQueue.splice(0), ...this.#bulkQueue.splice(0)])
      entry.reject(shuttingDownError());
    await Promise.all(this.#slots.map((slot) => slot.stop()));
  }

  get engines(): readonly EngineState[] {
    return this.#slots.map(({ settings, pid, info }) => ({ device: settings.device, pid, info }));
  }

  /** Whether every engine is warm. */
  get isReady(): boolean {
    return this.#slots.every((slot) => slot.info !== undefined);
  }

  get queueLength(): number {
    return this.#requestQueue.length;
  }

  /** @throws PanelvecError engine_unavailable, or shutting_down */
  run(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    return this.#enqueue(this.#requestQueue, { model, item, signal, bulk: false });
  }

  runBulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    return this.#enqueue(this.#bulkQueue, { model, item, signal, bulk: true });
  }

  /** Somebody waits for an answer from now on, also while it is still being prepared: bulk work holds back. */
  beginRequest(): () => void {
    const endRequest = this.#bulkScheduler.beginRequest();
    return () => {
      endRequest();
      this.#dispatch();
    };
  }

  #enqueue(
    queue: QueueEntry[],
    request: Pick<QueueEntry, 'model' | 'item' | 'signal' | 'bulk'>,
  ): Promise<EngineResult> {
    if (this.#isStopping) return Promise.reject(shuttingDownError());
    return new Promise((resolve, reject) => {
      queue.push({ ...request, queuedAt: performance.now(), isRetry: false, resolve, reject });
      // Panels of one request arrive in one turn of the event loop: they go out together.
      queueMicrotask(() => this.#dispatch());
    });
  }

  #dispatch(): void {
    if (this.#bulkQueue.length > 0 && this.#bulkScheduler.isOverdue) this.#dispatchOverdueBulk();
    for (;;) {
      const slot = this.#findFreeSlot(this.#requestQueue, BATCHES_IN_FLIGHT);
      const batch = slot === undefined ? [] : takeBatch(this.#requestQueue, slot.settings.maxBatch);
      if (batch.length === 0) break;
      slot!.run(batch);
    }
    if (this.#requestQueue.length === 0) this.#dispatchBulk();
  }

  /** Also where calls fill every engine: or a busy service would never finish a job. */
  #dispatchOverdueBulk(): void {
    const slot = this.#findFreeSlot(this.#bulkQueue, BATCHES_IN_FLIGHT);
    if (slot === undefined) return;
    const batch = takeBatch(this.#bulkQueue, Math.min(this.#bulkScheduler.takeTurn(), slot.settings.maxBatch));
    if (batch.length > 0) slot.run(batch);
  }

  #dispatchBulk(): void {
    while (this.#bulkQueue.length > 0) {
      const slot = this.#findFreeSlot(this.#bulkQueue, BATCHES_IN_FLIGHT);
      if (slot === undefined) return;
      const { maxPanels, maxBatches } = this.#bulkScheduler.quota(slot.settings.maxBatch, BATCHES_IN_FLIGHT);
      if (maxPanels === 0) {
        clearTimeout(this.#bulkTimer);
        this.#bulkTimer = setTimeout(() => this.#dispatch(), this.#bulkScheduler.retryDelayMs);
        return;
      }
      if (slot.runningBatches >= maxBatches) return;
      const batch = takeBatch(this.#bulkQueue, maxPanels);
      if (batch.length > 0) slot.run(batch);
    }
  }

  /** The least busy engine that may take from the queue. */
  #findFreeSlot(queue: readonly QueueEntry[], maxBatches: number): EngineSlot | undefined {
    const canTake = (slot: EngineSlot) => {
      const isExclusive = slot.isRunningRetry || (queue[0]?.isRetry ?? false);
      return slot.info !== undefined && slot.runningBatches < (isExclusive ? 1 : maxBatches);
    };
    return this.#slots.filter(canTake).sort((a, b) => a.runningBatches - b.runningBatches)[0];
  }

  #resolveBatch(batch: readonly QueueEntry[], { results, seconds }: BatchResult): void {
    const now = performance.now();
    const { bulk } = batch[0]!;
    if (bulk) this.#bulkScheduler.recordRun(seconds);
    // How long bulk work waits says nothing about the service.
    const queuedSeconds = (bulk ? [] : batch).map((entry) => Math.max(0, (now - entry.queuedAt) / 1000 - seconds));
    this.#observer.recordBatch(batch.length, seconds, queuedSeconds);
    batch.forEach((entry, i) => {
      entry.resolve(results[i]!);
    });
  }

  #handleLostBatch(batch: readonly QueueEntry[], error: unknown): void {
    for (const entry of batch) {
      if (this.#isStopping) entry.reject(shuttingDownError());
      else if (entry.isRetry) entry.reject(finalError(error));
    }
    if (this.#isStopping) return;
    // The wait begins anew: an engine that hung has used up what the first one had.
    const queuedAt = performance.now();
    const retries = batch.filter((entry) => !entry.isRetry).map((entry) => ({ ...entry, queuedAt, isRetry: true }));
    (batch[0]!.bulk ? this.#bulkQueue : this.#requestQueue).unshift(...retries);
  }

  /** Nobody waits for ever, also when no engine comes back; jobs do. */
  #rejectExpired(): void {
    rejectCancelled(this.#bulkQueue);
    const minQueuedAt = performance.now() - this.#settings.queueTimeoutMs;
    const expired = this.#requestQueue.filter((entry) => entry.queuedAt < minQueuedAt);
    if (expired.length === 0) return;
    this.#requestQueue.splice(
      0,
      this.#requestQueue.length,
      ...this.#requestQueue.filter((entry) => entry.queuedAt >= minQueuedAt),
    );
    for (const entry of expired) entry.reject(engineUnavailableError('no engine was free in time'));
  }
}

/** The model's own refusal stays one; an engine that died twice may work for the next request. */
function finalError(error: unknown): PanelvecError {
  if (error instanceof PanelvecError && error.code === 'inference_failed') {
    return new PanelvecError('inference_failed', 'the model cannot compute this panel', { cause: error });
  }
  return engineUnavailableError(`the engine was lost twice on this panel: ${firstLine(error)}`, error);
}

function shuttingDownError(): PanelvecError {
  return new PanelvecError('shutting_down', 'the service is stopping');
}
