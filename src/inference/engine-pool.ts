import type { Logger } from 'pino';
import { oneLine, PanelvecError } from '../errors.ts';
import { BulkTurns } from './bulk-turns.ts';
import type { EngineInfo, EngineItem, EngineResult, EngineSettings } from './contract.ts';
import type { BatchAnswer } from './engine-process.ts';
import { EngineSlot, type SlotTimeouts, unavailable } from './engine-slot.ts';
import { dropAbandoned, takeBatch, type Work } from './work.ts';

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
  batch(items: number, seconds: number, queuedSeconds: readonly number[]): void;
  restart(device: number): void;
}

export interface EngineState {
  readonly device: number;
  readonly pid: number | undefined;
  readonly info: EngineInfo | undefined;
}

/** Whoever computes panels for a job: a pool of this process, or one that another process lends. */
export interface BulkEngines {
  /** Gives way to calls, and waits as long as they last. @throws PanelvecError as EnginePool.run */
  bulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult>;
}

/**
 * All engines and the queues in front of them: one of calls, one of bulk work, which gives way. Work that arrives while every engine is busy waits and is batched; a lone
 * panel goes out at once. A batch whose engine died is tried once more, panel by panel.
 */
export class EnginePool implements BulkEngines {
  readonly #slots: readonly EngineSlot[];
  readonly #queue: Work[] = [];
  readonly #bulk: Work[] = [];
  readonly #turns: BulkTurns;
  readonly #settings: PoolSettings;
  readonly #observer: PoolObserver;
  #sweeper: NodeJS.Timeout | undefined;
  #bulkTimer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(settings: PoolSettings, observer: PoolObserver, log: Logger) {
    this.#settings = settings;
    this.#observer = observer;
    this.#turns = new BulkTurns(settings.bulkBatch);
    this.#slots = settings.engines.map(
      (engine) =>
        new EngineSlot(
          engine,
          settings,
          {
            free: () => this.#dispatch(),
            answered: (batch, answer) => this.#answered(batch, answer),
            lost: (batch, error) => this.#lost(batch, error),
            restarted: (slot) => observer.restart(slot.settings.device),
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
    this.#sweeper = setInterval(() => this.#expire(), Math.min(1000, queueTimeoutMs / 2)).unref();
  }

  /** Ends the engines. Callers drain first: work that is still there is rejected. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#sweeper);
    clearTimeout(this.#bulkTimer);
    for (const work of [...this.#queue.splice(0), ...this.#bulk.splice(0)]) work.reject(stopping());
    await Promise.all(this.#slots.map((slot) => slot.stop()));
  }

  get engines(): readonly EngineState[] {
    return this.#slots.map(({ settings, pid, info }) => ({ device: settings.device, pid, info }));
  }

  /** Whether every engine is warm. */
  get ready(): boolean {
    return this.#slots.every((slot) => slot.info !== undefined);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** @throws PanelvecError engine_unavailable, or shutting_down */
  run(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    return this.#enqueue(this.#queue, { model, item, signal, bulk: false });
  }

  bulk(model: string, item: EngineItem, signal?: AbortSignal): Promise<EngineResult> {
    return this.#enqueue(this.#bulk, { model, item, signal, bulk: true });
  }

  /** Somebody waits for an answer from now on, also while it is still being prepared: bulk work holds back. */
  attend(): () => void {
    const leave = this.#turns.attend();
    return () => {
      leave();
      this.#dispatch();
    };
  }

  #enqueue(queue: Work[], work: Pick<Work, 'model' | 'item' | 'signal' | 'bulk'>): Promise<EngineResult> {
    if (this.#stopping) return Promise.reject(stopping());
    return new Promise((resolve, reject) => {
      queue.push({ ...work, queuedAt: performance.now(), suspect: false, resolve, reject });
      // Panels of one request arrive in one turn of the event loop: they go out together.
      queueMicrotask(() => this.#dispatch());
    });
  }

  #dispatch(): void {
    if (this.#bulk.length > 0 && this.#turns.isDue) this.#giveTurn();
    for (;;) {
      const slot = this.#freeSlot(this.#queue, BATCHES_IN_FLIGHT);
      const batch = slot === undefined ? [] : takeBatch(this.#queue, slot.settings.maxBatch);
      if (batch.length === 0) break;
      slot!.run(batch);
    }
    if (this.#queue.length === 0) this.#dispatchBulk();
  }

  /** Also where calls fill every engine: or a busy service would never finish a job. */
  #giveTurn(): void {
    const slot = this.#freeSlot(this.#bulk, BATCHES_IN_FLIGHT);
    if (slot === undefined) return;
    const batch = takeBatch(this.#bulk, Math.min(this.#turns.take(), slot.settings.maxBatch));
    if (batch.length > 0) slot.run(batch);
  }

  #dispatchBulk(): void {
    while (this.#bulk.length > 0) {
      const slot = this.#freeSlot(this.#bulk, BATCHES_IN_FLIGHT);
      if (slot === undefined) return;
      const { panels, batches } = this.#turns.allowance(slot.settings.maxBatch, BATCHES_IN_FLIGHT);
      if (panels === 0) {
        clearTimeout(this.#bulkTimer);
        this.#bulkTimer = setTimeout(() => this.#dispatch(), this.#turns.pauseMs);
        return;
      }
      if (slot.running >= batches) return;
      const batch = takeBatch(this.#bulk, panels);
      if (batch.length > 0) slot.run(batch);
    }
  }

  /** The least busy engine that may take from the queue. */
  #freeSlot(queue: readonly Work[], batches: number): EngineSlot | undefined {
    const mayTake = (slot: EngineSlot) => {
      const alone = slot.runsSuspect || (queue[0]?.suspect ?? false);
      return slot.info !== undefined && slot.running < (alone ? 1 : batches);
    };
    return this.#slots.filter(mayTake).sort((a, b) => a.running - b.running)[0];
  }

  #answered(batch: readonly Work[], { results, seconds }: BatchAnswer): void {
    const now = performance.now();
    const { bulk } = batch[0]!;
    if (bulk) this.#turns.ran(seconds);
    // How long bulk work waits says nothing about the service.
    const queued = (bulk ? [] : batch).map((work) => Math.max(0, (now - work.queuedAt) / 1000 - seconds));
    this.#observer.batch(batch.length, seconds, queued);
    batch.forEach((work, at) => {
      work.resolve(results[at]!);
    });
  }

  #lost(batch: readonly Work[], error: unknown): void {
    for (const work of batch) {
      if (this.#stopping) work.reject(stopping());
      else if (work.suspect) work.reject(finalError(error));
    }
    if (this.#stopping) return;
    // The wait begins anew: an engine that hung has used up what the first one had.
    const queuedAt = performance.now();
    const again = batch.filter((work) => !work.suspect).map((work) => ({ ...work, queuedAt, suspect: true }));
    (batch[0]!.bulk ? this.#bulk : this.#queue).unshift(...again);
  }

  /** Nobody waits for ever, also when no engine comes back; jobs do. */
  #expire(): void {
    dropAbandoned(this.#bulk);
    const oldest = performance.now() - this.#settings.queueTimeoutMs;
    const expired = this.#queue.filter((work) => work.queuedAt < oldest);
    if (expired.length === 0) return;
    this.#queue.splice(0, this.#queue.length, ...this.#queue.filter((work) => work.queuedAt >= oldest));
    for (const work of expired) work.reject(unavailable('no engine was free in time'));
  }
}

/** The model's own refusal stays one; an engine that died twice may work for the next request. */
function finalError(error: unknown): PanelvecError {
  if (error instanceof PanelvecError && error.code === 'inference_failed') {
    return new PanelvecError('inference_failed', 'the model cannot compute this panel', { cause: error });
  }
  return unavailable(`the engine was lost twice on this panel: ${oneLine(error)}`, error);
}

function stopping(): PanelvecError {
  return new PanelvecError('shutting_down', 'the service is stopping');
}
