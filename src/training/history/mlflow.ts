import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { oneLine } from '../../errors.ts';
import { type MlflowAddress, MlflowClient, type MlflowMetric } from './mlflow-client.ts';
import { isRefusal, MAX_METRICS, MlflowSession, mlflowKey, type RunDescription } from './mlflow-session.ts';
import type { HistoryRecord } from './record.ts';

export interface MlflowOptions extends MlflowAddress, RunDescription {
  readonly log: Logger;
  /** Ends what goes on in the background; `finish` still makes its own try. */
  readonly signal: AbortSignal;
  readonly tuning?: Partial<MlflowTuning>;
}

export interface MlflowTuning {
  /** For what is measured to become batches. */
  readonly intervalMs: number;
  readonly requestTimeoutMs: number;
  /** After the first failure; twice as long after each further one. */
  readonly retryDelayMs: number;
  readonly longestDelayMs: number;
  /** For all that `finish` does. */
  readonly finishTimeoutMs: number;
  /** Values that wait for a server that is away: some 100 bytes each. */
  readonly maxPending: number;
}

const TUNING: MlflowTuning = {
  intervalMs: 2_000,
  requestTimeoutMs: 30_000,
  retryDelayMs: 1_000,
  longestDelayMs: 60_000,
  finishTimeoutMs: 5_000,
  maxPending: 50_000,
};

/**
 * A run of MLflow's tracking that a training tells what it measures. It is a courtesy: a server that is away, slow or refuses
 * neither fails nor delays the training. All requests are made in the background, one at a time; what they cannot deliver
 * waits, up to a limit, and the log says once an outage that there is one. A batch that went unanswered is sent again with
 * the same timestamps: MLflow's databases keep one of two equal values, its folders of files both.
 */
export class MlflowRun {
  readonly #client: MlflowClient;
  readonly #session: MlflowSession;
  readonly #log: Logger;
  readonly #tuning: MlflowTuning;
  readonly #outer: AbortSignal;
  readonly #background = new AbortController();
  readonly #working: Promise<void>;
  #pending: MlflowMetric[] = [];
  #pausing = new AbortController();
  #stopped = false;
  #failures = 0;
  #lost = 0;
  #refused = false;
  #finished: Promise<void> | undefined;

  private constructor({ log, signal, tuning, ...run }: MlflowOptions) {
    this.#tuning = { ...TUNING, ...tuning };
    this.#client = new MlflowClient(run, this.#tuning.requestTimeoutMs);
    this.#session = new MlflowSession(this.#client, run, log);
    this.#log = log;
    this.#outer = signal;
    signal.addEventListener('abort', this.#stop);
    if (signal.aborted) this.#stop();
    this.#working = this.#work(AbortSignal.any([signal, this.#background.signal]));
  }

  /**
   * Comes back at once; the run is made at the server, or found there, in the background.
   * @throws PanelvecError config_invalid where the tracking URI is no http(s) address
   */
  static start(options: MlflowOptions): MlflowRun {
    return new MlflowRun(options);
  }

  /** For a later training to go on with; undefined until the server has given one. */
  get id(): string | undefined {
    return this.#session.id;
  }

  /** Never waits. Values that are no finite numbers are left out: JSON has none. */
  log({ step, values }: HistoryRecord): void {
    if (this.#finished !== undefined || this.#outer.aborted) return;
    const timestamp = Date.now();
    for (const [name, value] of Object.entries(values)) {
      if (Number.isFinite(value)) this.#pending.push({ key: mlflowKey(name), value, timestamp, step });
    }
    this.#bound();
    if (this.#pending.length >= MAX_METRICS && this.#failures === 0) this.#pausing.abort();
  }

  /** Sends what is left, and how the run ended, within a few seconds or not at all. Never throws; the first call counts. */
  finish(status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void> {
    this.#finished ??= this.#finish(status);
    return this.#finished;
  }

  async #finish(status: string): Promise<void> {
    this.#stop();
    const deadline = new AbortController();
    const timer = setTimeout(() => {
      const reason = new Error(`not done in ${this.#tuning.finishTimeoutMs / 1000} s`);
      this.#background.abort(reason);
      deadline.abort(reason);
    }, this.#tuning.finishTimeoutMs);
    try {
      await this.#working;
      await this.#deliver(deadline.signal);
      await this.#client.updateRun(this.id!, status, Date.now(), deadline.signal);
    } catch (error) {
      const fields = {
        problem: oneLine(error),
        address: this.#client.address,
        unsent: this.#pending.length + this.#lost,
      };
      this.#log.warn(fields, 'MLflow was not told how the run ended');
    } finally {
      clearTimeout(timer);
      this.#outer.removeEventListener('abort', this.#stop);
    }
  }

  readonly #stop = (): void => {
    this.#stopped = true;
    this.#pausing.abort();
  };

  async #work(signal: AbortSignal): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#deliver(signal);
        this.#reached();
      } catch (error) {
        if (signal.aborted) return;
        this.#missed(error);
      }
      await this.#pause();
    }
  }

  async #deliver(signal: AbortSignal): Promise<void> {
    const runId = await this.#session.ready(signal);
    while (this.#pending.length > 0) {
      const metrics = this.#pending.splice(0, MAX_METRICS);
      try {
        await this.#client.logBatch(runId, { metrics }, signal);
        this.#refused = false;
      } catch (error) {
        if (isRefusal(error)) {
          this.#tellRefusal(error);
          continue;
        }
        this.#pending.unshift(...metrics);
        this.#bound();
        throw error;
      }
    }
  }

  /** Does not keep the process alive. */
  async #pause(): Promise<void> {
    if (this.#stopped) return;
    const { intervalMs, retryDelayMs, longestDelayMs } = this.#tuning;
    const backoffMs = Math.min(retryDelayMs * 2 ** (this.#failures - 1), longestDelayMs);
    this.#pausing = new AbortController();
    const options = { signal: this.#pausing.signal, ref: false };
    await delay(this.#failures === 0 ? intervalMs : backoffMs, undefined, options).catch(() => {});
  }

  /** Drops the oldest; some at once, as each drop moves all that stay. */
  #bound(): void {
    const { maxPending } = this.#tuning;
    const excess = this.#pending.length - maxPending;
    if (excess <= 0) return;
    if (this.#lost === 0) {
      this.#log.warn(
        { address: this.#client.address },
        'MLflow stays away: the oldest values that wait for it are dropped',
      );
    }
    this.#lost += this.#pending.splice(0, Math.max(excess, Math.ceil(maxPending / 50))).length;
  }

  #missed(error: unknown): void {
    this.#failures++;
    if (this.#failures > 1) return;
    const fields = { problem: oneLine(error), address: this.#client.address };
    this.#log.warn(fields, 'MLflow cannot be told: the training goes on, and its values wait');
  }

  #reached(): void {
    if (this.#failures > 0) this.#log.info({ lost: this.#lost }, 'MLflow is told again');
    this.#failures = 0;
    this.#lost = 0;
  }

  #tellRefusal(error: Error): void {
    if (!this.#refused)
      this.#log.warn({ problem: error.message, run: this.id }, 'MLflow refuses values: they are dropped');
    this.#refused = true;
  }
}
