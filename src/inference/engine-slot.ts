import type { Logger } from 'pino';
import { PanelvecError } from '../errors.ts';
import type { ChosenProvider } from '../onnxruntime/provider.ts';
import { type RestartPolicy, supervise } from '../process/supervise.ts';
import { allowedBytes, hasRoomForAnother, type MaxEngineBytes } from './engine-memory.ts';
import type { BatchResult } from './engine-messages.ts';
import { EngineProcess } from './engine-process.ts';
import { type EngineItem, type EngineSettings, toEngineId } from './engine-types.ts';
import type { QueueEntry } from './inference-queue.ts';

/** At once at first, then later and later while engines end soon after their start. */
const RESTART_POLICY: RestartPolicy = { minDelayMs: 50, maxDelayMs: 10_000, minUptimeMs: 5000 };

/** An engine that needs more than it may have works on for so long before it is replaced again, or replacing it is tried again. */
const REPLACEMENT_PAUSE_MS = 30_000;

export interface SlotLimits {
  /** From the fork to the last warm session */
  readonly startTimeoutMs: number;
  /** Of one run */
  readonly batchTimeoutMs: number;
  readonly maxEngineBytes: MaxEngineBytes;
}

/** What a slot tells its pool. */
export interface SlotEvents {
  /** The slot can take work. */
  onFree(): void;
  onResults(batch: readonly QueueEntry[], result: BatchResult, slot: EngineSlot): void;
  /** @param wasAlone whether the engine had nothing beside the batch */
  onLost(batch: readonly QueueEntry[], error: unknown, wasAlone: boolean): void;
  onRestart(slot: EngineSlot): void;
  /** The engine ends because its memory has grown. */
  onReplacement(slot: EngineSlot): void;
}

/** One place on a device: keeps one engine process alive there, and counts the batches that it has been given. */
export class EngineSlot {
  readonly settings: EngineSettings;
  readonly #events: SlotEvents;
  readonly #log: Logger;
  readonly #limits: SlotLimits;
  readonly #stopController = new AbortController();
  #engine: EngineProcess | undefined;
  /** Takes the place of the engine when that has ended */
  #next: EngineProcess | undefined;
  #isReplacing = false;
  #isDraining = false;
  /** When an engine was last replaced because of its memory, or could not be */
  #replacedAt = Number.NEGATIVE_INFINITY;
  #runningBatches = 0;
  #sentBatches = 0;
  #runningRetry: QueueEntry | undefined;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(settings: EngineSettings, limits: SlotLimits, events: SlotEvents, log: Logger) {
    this.settings = settings;
    this.#limits = limits;
    this.#events = events;
    this.#log = log.child({ ...toEngineId(settings) });
  }

  /** Undefined while no engine is warm. */
  get info(): ChosenProvider | undefined {
    return this.#engine?.info;
  }

  get pid(): number | undefined {
    return this.#engine?.pid;
  }

  get residentBytes(): number {
    return this.#engine?.residentBytes ?? 0;
  }

  get runningBatches(): number {
    return this.#runningBatches;
  }

  /** While a retry runs, nothing else may be sent: a panel that ends its engine must harm no other. */
  get isRunningRetry(): boolean {
    return this.#runningRetry !== undefined;
  }

  /** Whether the engine ends after the batches that it has, and another takes its place. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Resolves when the first engine is warm. @throws PanelvecError where it does not start */
  start(): Promise<void> {
    return supervise(() => this.#launch(), {
      name: 'engine',
      restartPolicy: RESTART_POLICY,
      signal: this.#stopController.signal,
      log: this.#log,
      onReady: ({ info, pid }) => {
        this.#log.info({ ...info, engine_pid: pid }, 'the engine is warm');
        this.#events.onFree();
      },
      onExit: () => this.#events.onRestart(this),
    });
  }

  async stop(): Promise<void> {
    this.#stopController.abort();
    clearTimeout(this.#watchdog);
    await Promise.all([this.#engine?.stop(), this.#next?.stop()]);
  }

  /** Sends a batch of at least one entry. The slot must have a warm engine. */
  run(batch: readonly QueueEntry[]): void {
    const [first] = batch;
    if (first === undefined) throw new Error('the batch is empty');
    if (first.isRetry) this.#runningRetry = first;
    const isFirst = this.#runningBatches === 0;
    const batchNumber = this.#sentBatches + 1;
    const wantsPartSeconds = batch.some(({ trace }) => trace !== undefined);
    this.#send(
      batch.map((entry) => entry.item),
      wantsPartSeconds,
    )
      .then(
        (result) => this.#events.onResults(batch, result, this),
        (error: unknown) => this.#events.onLost(batch, error, isFirst && batchNumber === this.#sentBatches),
      )
      .finally(() => {
        if (this.#runningRetry === first) this.#runningRetry = undefined;
        this.#reportFree();
      });
  }

  /** Has this engine compute items outside of the queue. @throws PanelvecError as EngineProcess.run */
  compute(items: readonly EngineItem[]): Promise<BatchResult> {
    return this.#send(items).finally(() => this.#reportFree());
  }

  async #send(items: readonly EngineItem[], wantsPartSeconds = false): Promise<BatchResult> {
    const engine = this.#engine;
    if (engine?.info === undefined) throw engineUnavailableError('the engine is being started again');
    this.#runningBatches++;
    this.#sentBatches++;
    if (this.#runningBatches === 1) this.#resetWatchdog(engine);
    try {
      return await engine.run(items, wantsPartSeconds);
    } finally {
      this.#runningBatches--;
      this.#resetWatchdog(engine);
      if (this.#isDraining) this.#stopIfDrained(engine);
      else if (this.#isTooLarge(engine)) void this.#replace(engine);
    }
  }

  #isTooLarge(engine: EngineProcess): boolean {
    const { residentBytes, startBytes } = engine;
    const isPausing = performance.now() - this.#replacedAt < REPLACEMENT_PAUSE_MS;
    return !this.#isReplacing && !isPausing && residentBytes > allowedBytes(this.#limits.maxEngineBytes, startBytes);
  }

  /**
   * Replaces an engine between two batches. The next one is warm before it ends, if there is memory for both. That of a GPU is not
   * known: there the next one starts afterwards.
   */
  async #replace(engine: EngineProcess): Promise<void> {
    if (engine !== this.#engine || this.#stopController.signal.aborted) return;
    const { residentBytes, startBytes } = engine;
    this.#log.warn({ resident_bytes: residentBytes, start_bytes: startBytes }, 'the engine has grown and is replaced');
    this.#isReplacing = true;
    try {
      if (engine.info?.provider === 'cpu' && hasRoomForAnother(startBytes)) {
        this.#next = this.#fork();
        await this.#next.ready;
      }
      if (engine !== this.#engine || engine.info === undefined) return;
      this.#isDraining = true;
      this.#events.onReplacement(this);
      this.#stopIfDrained(engine);
    } catch (err) {
      this.#next = undefined;
      if (!this.#stopController.signal.aborted) this.#log.error({ err }, 'the engine could not be replaced');
    } finally {
      this.#isReplacing = false;
      this.#replacedAt = performance.now();
    }
  }

  #stopIfDrained(engine: EngineProcess): void {
    if (engine === this.#engine && this.#runningBatches === 0) void engine.stop();
  }

  /** Ends the engine by force; another takes its place. */
  restart(): void {
    this.#engine?.kill();
  }

  #reportFree(): void {
    if (this.info !== undefined) this.#events.onFree();
  }

  /**
   * Times the batch that runs: it began when the one before it ended, not when it was sent. An engine that hangs holds
   * its device for ever; killed, it is replaced and its work is tried again.
   */
  #resetWatchdog(engine: EngineProcess): void {
    clearTimeout(this.#watchdog);
    if (this.#runningBatches === 0 || engine !== this.#engine) return;
    this.#watchdog = setTimeout(() => {
      this.#log.error('the engine did not respond in time and is killed');
      engine.kill('hung');
    }, this.#limits.batchTimeoutMs);
  }

  #launch(): EngineProcess {
    // It may have ended while it waited for its turn.
    const engine = this.#next?.isRunning ? this.#next : this.#fork();
    this.#engine = engine;
    this.#next = undefined;
    this.#isDraining = false;
    return engine;
  }

  #fork(): EngineProcess {
    const engine = new EngineProcess(this.settings);
    const timer = setTimeout(() => engine.kill(), this.#limits.startTimeoutMs);
    const clear = () => clearTimeout(timer);
    engine.ready.then(clear, clear);
    return engine;
  }
}

/** The error of a caller whose work was lost twice, or waited too long for an engine. */
export function engineUnavailableError(message: string, cause?: unknown): PanelvecError {
  return new PanelvecError('engine_unavailable', message, { retryAfterSeconds: 5, cause });
}
