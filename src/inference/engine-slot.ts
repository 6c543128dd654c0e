import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { oneLine, PanelvecError } from '../errors.ts';
import type { EngineInfo, EngineSettings } from './contract.ts';
import { type BatchAnswer, EngineProcess } from './engine-process.ts';
import type { Work } from './work.ts';

const FIRST_RESTART_DELAY_MS = 50;
/** An engine that lived this long has not failed at once: its restart is not counted as another try. */
const HEALTHY_LIFE_MS = 5000;
const LONGEST_RESTART_DELAY_MS = 10_000;

export interface SlotTimeouts {
  /** From the fork to the last warm session */
  readonly startTimeoutMs: number;
  /** Of one run */
  readonly batchTimeoutMs: number;
}

/** What a slot tells its pool. */
export interface SlotEvents {
  /** A slot can take work. */
  free(): void;
  answered(batch: readonly Work[], answer: BatchAnswer): void;
  lost(batch: readonly Work[], error: unknown): void;
  restarted(slot: EngineSlot): void;
}

/** One device: keeps one engine process alive on it, and knows how much it has been given. */
export class EngineSlot {
  readonly settings: EngineSettings;
  readonly #events: SlotEvents;
  readonly #log: Logger;
  readonly #timeouts: SlotTimeouts;
  readonly #stopped = new AbortController();
  #engine: EngineProcess | undefined;
  #info: EngineInfo | undefined;
  #running = 0;
  #runsSuspect = false;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(settings: EngineSettings, timeouts: SlotTimeouts, events: SlotEvents, log: Logger) {
    this.settings = settings;
    this.#timeouts = timeouts;
    this.#events = events;
    this.#log = log.child({ device: settings.device });
  }

  /** Undefined while no engine is warm. */
  get info(): EngineInfo | undefined {
    return this.#info;
  }

  get pid(): number | undefined {
    return this.#engine?.pid;
  }

  get running(): number {
    return this.#running;
  }

  /** While it does, nothing else may be sent: a suspect must be able to harm only itself. */
  get runsSuspect(): boolean {
    return this.#runsSuspect;
  }

  /** The first start, whose failure is an error of configuration: it is not tried again. */
  async start(): Promise<void> {
    await this.#launch();
    void this.#supervise();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#watchdog);
    await this.#engine?.stop();
  }

  run(batch: readonly Work[]): void {
    const engine = this.#engine!;
    this.#running++;
    this.#runsSuspect = batch[0]!.suspect;
    if (this.#running === 1) this.#watch(engine);
    engine
      .run(
        batch[0]!.model,
        batch.map((work) => work.item),
      )
      .then(
        (answer) => this.#events.answered(batch, answer),
        (error: unknown) => this.#events.lost(batch, error),
      )
      .finally(() => {
        this.#running--;
        this.#runsSuspect = false;
        this.#watch(engine);
        if (this.#info !== undefined) this.#events.free();
      });
  }

  /**
   * Times the batch that runs: it began when the one before it ended, not when it was sent. An engine that hangs holds
   * its device for ever; killed, it is replaced and its work is tried again.
   */
  #watch(engine: EngineProcess): void {
    clearTimeout(this.#watchdog);
    if (this.#running === 0 || engine !== this.#engine) return;
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
    const { signal } = this.#stopped;
    let wait = FIRST_RESTART_DELAY_MS;
    for (let warmSince = performance.now(); ; ) {
      const reason = await this.#engine!.ended;
      this.#info = undefined;
      if (signal.aborted) return;
      this.#log.error({ reason }, 'engine ended and is started again');
      this.#events.restarted(this);
      const healthy = performance.now() - warmSince > HEALTHY_LIFE_MS;
      wait = healthy ? FIRST_RESTART_DELAY_MS : Math.min(2 * wait, LONGEST_RESTART_DELAY_MS);
      await delay(wait, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#launch();
        this.#events.free();
      } catch (error) {
        this.#log.error({ problem: oneLine(error) }, 'engine did not start');
      }
      warmSince = performance.now();
    }
  }
}

/** What a caller is told whose work was lost twice, or waited too long for an engine. */
export function unavailable(message: string, cause?: unknown): PanelvecError {
  return new PanelvecError('engine_unavailable', message, { retryAfterSeconds: 5, cause });
}
