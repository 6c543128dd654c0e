import type { Logger } from 'pino';
import { PanelvecError } from '../errors.ts';
import type { ChosenProvider } from '../onnxruntime/provider.ts';
import { type RestartPolicy, supervise } from '../process/supervise.ts';
import type { BatchResult } from './engine-messages.ts';
import { EngineProcess } from './engine-process.ts';
import { type EngineItem, type EngineSettings, toEngineId } from './engine-types.ts';
import type { QueueEntry } from './inference-queue.ts';

/** At once at first, then later and later while engines end soon after their start. */
const RESTART_POLICY: RestartPolicy = { minDelayMs: 50, maxDelayMs: 10_000, minUptimeMs: 5000 };

export interface SlotTimeouts {
  /** From the fork to the last warm session */
  readonly startTimeoutMs: number;
  /** Of one run */
  readonly batchTimeoutMs: number;
}

/** What a slot tells its pool. */
export interface SlotEvents {
  /** The slot can take work. */
  onFree(): void;
  onResults(batch: readonly QueueEntry[], result: BatchResult): void;
  onLost(batch: readonly QueueEntry[], error: unknown): void;
  onRestart(slot: EngineSlot): void;
}

/** One place on a device: keeps one engine process alive there, and counts the batches that it has been given. */
export class EngineSlot {
  readonly settings: EngineSettings;
  readonly #events: SlotEvents;
  readonly #log: Logger;
  readonly #timeouts: SlotTimeouts;
  readonly #stopController = new AbortController();
  #engine: EngineProcess | undefined;
  #runningBatches = 0;
  #runningRetry: QueueEntry | undefined;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(settings: EngineSettings, timeouts: SlotTimeouts, events: SlotEvents, log: Logger) {
    this.settings = settings;
    this.#timeouts = timeouts;
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
    await this.#engine?.stop();
  }

  /** Sends a batch of at least one entry. The slot must have a warm engine. */
  run(batch: readonly QueueEntry[]): void {
    const [first] = batch;
    if (first === undefined) throw new Error('the batch is empty');
    if (first.isRetry) this.#runningRetry = first;
    this.#send(batch.map((entry) => entry.item))
      .then(
        (result) => this.#events.onResults(batch, result),
        (error: unknown) => this.#events.onLost(batch, error),
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

  async #send(items: readonly EngineItem[]): Promise<BatchResult> {
    const engine = this.#engine;
    if (engine?.info === undefined) throw engineUnavailableError('the engine is being started again');
    this.#runningBatches++;
    if (this.#runningBatches === 1) this.#resetWatchdog(engine);
    try {
      return await engine.run({ items });
    } finally {
      this.#runningBatches--;
      this.#resetWatchdog(engine);
    }
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
    }, this.#timeouts.batchTimeoutMs);
  }

  #launch(): EngineProcess {
    const engine = new EngineProcess(this.settings);
    this.#engine = engine;
    const timer = setTimeout(() => engine.kill(), this.#timeouts.startTimeoutMs);
    const clear = () => clearTimeout(timer);
    engine.ready.then(clear, clear);
    return engine;
  }
}

/** The error of a caller whose work was lost twice, or waited too long for an engine. */
export function engineUnavailableError(message: string, cause?: unknown): PanelvecError {
  return new PanelvecError('engine_unavailable', message, { retryAfterSeconds: 5, cause });
}
