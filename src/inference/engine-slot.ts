import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { oneLine, PanelvecError } from '../errors.ts';
import type { EngineInfo, EngineSettings } from './contract.ts';
import { type BatchAnswer, EngineProcess } from './engine-process.ts';
import type { Work } from './work.ts';

const FIRST_RESTART_DELAY_MS = 50;
const LONGEST_RESTART_DELAY_MS = 10_000;

/** What a slot tells its pool. */
export interface SlotEvents {
  /** It can take work. */
  free(slot: EngineSlot): void;
  answered(batch: readonly Work[], answer: BatchAnswer): void;
  lost(batch: readonly Work[], error: unknown): void;
  restarted(slot: EngineSlot): void;
}

/** One device: keeps one engine process alive on it, and knows how much it has been given. */
export class EngineSlot {
  readonly settings: EngineSettings;
  readonly #events: SlotEvents;
  readonly #log: Logger;
  readonly #batchTimeoutMs: number;
  #engine: EngineProcess | undefined;
  #info: EngineInfo | undefined;
  #running = 0;
  #stopping = false;

  constructor(settings: EngineSettings, batchTimeoutMs: number, events: SlotEvents, log: Logger) {
    this.settings = settings;
    this.#batchTimeoutMs = batchTimeoutMs;
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

  /** The first start, whose failure is an error of configuration: it is not tried again. */
  async start(): Promise<EngineInfo> {
    const info = await this.#launch();
    void this.#supervise();
    return info;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#engine?.stop();
  }

  run(batch: readonly Work[]): void {
    const engine = this.#engine!;
    this.#running++;
    // An engine that hangs holds its device for ever; killed, it is replaced and the batch is tried again.
    const watchdog = setTimeout(() => {
      this.#log.error({ items: batch.length }, 'engine gave no answer in time and is killed');
      engine.kill();
    }, this.#batchTimeoutMs);
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
        clearTimeout(watchdog);
        this.#running--;
        if (this.#info !== undefined) this.#events.free(this);
      });
  }

  async #launch(): Promise<EngineInfo> {
    this.#engine = new EngineProcess(this.settings);
    const info = await this.#engine.ready;
    this.#info = info;
    this.#log.info(
      { provider: info.provider, fallback: info.fallback, engine_pid: this.#engine.pid },
      'engine is warm',
    );
    return info;
  }

  /** Restarts the engine whenever it ends, soon at first and ever later while it keeps failing. */
  async #supervise(): Promise<void> {
    let wait = FIRST_RESTART_DELAY_MS;
    while (!this.#stopping) {
      const reason = await this.#engine!.ended;
      this.#info = undefined;
      if (this.#stopping) return;
      this.#log.error({ reason }, 'engine ended and is started again');
      this.#events.restarted(this);
      await delay(wait, undefined, { ref: false });
      if (this.#stopping) return;
      try {
        await this.#launch();
        wait = FIRST_RESTART_DELAY_MS;
        this.#events.free(this);
      } catch (error) {
        wait = Math.min(2 * wait, LONGEST_RESTART_DELAY_MS);
        this.#log.error({ problem: oneLine(error) }, 'engine did not start');
      }
    }
  }
}

/** What a caller is told whose work was lost twice, or waited too long for an engine. */
export function unavailable(message: string, cause?: unknown): PanelvecError {
  return new PanelvecError('engine_unavailable', message, { retryAfterSeconds: 5, cause });
}
