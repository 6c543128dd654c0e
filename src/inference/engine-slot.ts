import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { firstLine, PanelvecError } from '../errors.ts';
import type { ChosenProvider } from '../onnxruntime/provider.ts';
import { type BatchResult, EngineProcess } from './engine-process.ts';
import type { EngineSettings } from './engine-types.ts';
import type { QueueEntry } from './inference-queue.ts';

const MIN_RESTART_DELAY_MS = 50;
/** An engine that lived this long has not failed at once: its restart is not counted as another try. */
const MIN_HEALTHY_UPTIME_MS = 5000;
const MAX_RESTART_DELAY_MS = 10_000;

export interface SlotTimeouts {
  /** From the fork to the last warm session */
  readonly startTimeoutMs: number;
  /** Of one run */
  readonly batchTimeoutMs: number;
}

/** What a slot tells its pool. */
export interface SlotEvents {
  /** A slot can take work. */
  onFree(): void;
  onResults(batch: readonly QueueEntry[], result: BatchResult): void;
  onLost(batch: readonly QueueEntry[], error: unknown): void;
  onRestart(slot: EngineSlot): void;
}

/** One device: keeps one engine process alive on it, and knows how much it has been given. */
export class EngineSlot {
  readonly settings: EngineSettings;
  readonly #events: SlotEvents;
  readonly #log: Logger;
  readonly #timeouts: SlotTimeouts;
  readonly #stopController = new AbortController();
  #engine: EngineProcess | undefined;
  #info: ChosenProvider | undefined;
  #runningBatches = 0;
  #isRunningRetry = false;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(settings: EngineSettings, timeouts: SlotTimeouts, events: SlotEvents, log: Logger) {
    this.settings = settings;
    this.#timeouts = timeouts;
    this.#events = events;
    this.#log = log.child({ device: settings.device });
  }

  /** Undefined while no engine is warm. */
  get info(): ChosenProvider | undefined {
    return this.#info;
  }

  get pid(): number | undefined {
    return this.#engine?.pid;
  }

  get runningBatches(): number {
    return this.#runningBatches;
  }

  /** While it does, nothing else may be sent: a suspect must be able to harm only itself. */
  get isRunningRetry(): boolean {
    return this.#isRunningRetry;
  }

  /** The first start, whose failure is an error of configuration: it is not tried again. */
  async start(): Promise<void> {
    await this.#launch();
    void this.#supervise();
  }

  async stop(): Promise<void> {
    this.#stopController.abort();
    clearTimeout(this.#watchdog);
    await this.#engine?.stop();
  }

  run(batch: readonly QueueEntry[]): void {
    const engine = this.#engine!;
    this.#runningBatches++;
    this.#isRunningRetry = batch[0]!.isRetry;
    if (this.#runningBatches === 1) this.#resetWatchdog(engine);
    engine
      .run(
        batch[0]!.model,
        batch.map((entry) => entry.item),
      )
      .then(
        (result) => this.#events.onResults(batch, result),
        (error: unknown) => this.#events.onLost(batch, error),
      )
      .finally(() => {
        this.#runningBatches--;
        this.#isRunningRetry = false;
        this.#resetWatchdog(engine);
        if (this.#info !== undefined) this.#events.onFree();
      });
  }

  /**
   * Times the batch that runs: it began when the one before it ended, not when it was sent. An engine that hangs holds
   * its device for ever; killed, it is replaced and its work is tried again.
   */
  #resetWatchdog(engine: EngineProcess): void {
    clearTimeout(this.#watchdog);
    if (this.#runningBatches === 0 || engine !== this.#engine) return;
    this.#watchdog = setTimeout(() => {
      this.#log.error('engine gave no answer in time and is killed');
      engine.kill();
    }, this.#timeouts.batchTimeoutMs);
  }

  async #launch(): Promise<void> {
    const engine = new EngineProcess(this.settings);
    this.#engine = engine;
    const timer = setTimeout(() => engine.kill(), this.#timeouts.startTimeoutMs);
    try {
      this.#info = await engine.ready;
    } finally {
      clearTimeout(timer);
    }
    const { provider, fallback } = this.#info;
    this.#log.info({ provider, fallback, engine_pid: engine.pid }, 'engine is warm');
  }

  /** Restarts the engine whenever it ends, at once at first, and ever later while it keeps ending soon. */
  async #supervise(): Promise<void> {
    const { signal } = this.#stopController;
    let restartDelayMs = MIN_RESTART_DELAY_MS;
    for (let warmSince = performance.now(); ; ) {
      const reason = await this.#engine!.exited;
      this.#info = undefined;
      if (signal.aborted) return;
      this.#log.error({ reason }, 'engine ended and is started again');
      this.#events.onRestart(this);
      const wasHealthy = performance.now() - warmSince > MIN_HEALTHY_UPTIME_MS;
      restartDelayMs = wasHealthy ? MIN_RESTART_DELAY_MS : Math.min(2 * restartDelayMs, MAX_RESTART_DELAY_MS);
      await delay(restartDelayMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#launch();
        this.#events.onFree();
      } catch (error) {
        this.#log.error({ problem: firstLine(error) }, 'engine did not start');
      }
      warmSince = performance.now();
    }
  }
}

/** What a caller is told whose work was lost twice, or waited too long for an engine. */
export function engineUnavailableError(message: string, cause?: unknown): PanelvecError {
  return new PanelvecError('engine_unavailable', message, { retryAfterSeconds: 5, cause });
}
