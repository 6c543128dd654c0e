import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { firstLine } from '../errors.ts';
import type { HistoryRecord } from '../training/history/history-record.ts';
import { MlflowClient, type MlflowConnection, type MlflowMetric } from './mlflow-client.ts';
import { isPermanentError, MAX_METRICS, MlflowSession, mlflowKey, type RunDescription } from './mlflow-session.ts';

export interface MlflowOptions extends MlflowConnection, RunDescription {
  readonly log: Logger;
  /** Ends what goes on in the background; `finish` still makes its own try. */
  readonly signal: AbortSignal;
  readonly settings?: Partial<MlflowSettings>;
}

export interface MlflowSettings {
  /** For what is measured to become batches. */
  readonly intervalMs: number;
  readonly requestTimeoutMs: number;
  /** After the first failure; twice as long after each further one. */
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** For all that `finish` does. */
  readonly finishTimeoutMs: number;
  /** Values that wait for a server that is away: some 100 bytes each. */
  readonly maxPending: number;
}

const DEFAULT_SETTINGS: MlflowSettings = {
  intervalMs: 2_000,
  requestTimeoutMs: 30_000,
  retryDelayMs: 1_000,
  maxRetryDelayMs: 60_000,
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
  readonly #settings: MlflowSettings;
  readonly #signal: AbortSignal;
  readonly #background = new AbortController();
  readonly #deliveryLoop: Promise<void>;
  #pending: MlflowMetric[] = [];
  #pauseController = new AbortController();
  #isStopped = false;
  #failureCount = 0;
  #droppedCount = 0;
  #hasWarnedOfRefusal = false;
  #finishing: Promise<void> | undefined;

  private constructor({ log, signal, settings, ...run }: MlflowOptions) {
    this.#settings = { ...DEFAULT_SETTINGS, ...settings };
    this.#client = new MlflowClient(run, this.#settings.requestTimeoutMs);
    this.#session = new MlflowSession(this.#client, run, log);
    this.#log = log;
    this.#signal = signal;
    signal.addEventListener('abort', this.#stop);
    if (signal.aborted) this.#stop();
    this.#deliveryLoop = this.#deliverUntilStopped(AbortSignal.any([signal, this.#background.signal]));
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
    if (this.#finishing !== undefined || this.#signal.aborted) return;
    const timestamp = Date.now();
    for (const [name, value] of Object.entries(values)) {
      if (Number.isFinite(value)) this.#pending.push({ key: mlflowKey(name), value, timestamp, step });
    }
    this.#dropExcess();
    if (this.#pending.length >= MAX_METRICS && this.#failureCount === 0) this.#pauseController.abort();
  }

  /** Sends what is left, and how the run ended, within a few seconds or not at all. Never throws; the first call counts. */
  finish(status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void> {
    this.#finishing ??= this.#finish(status);
    return this.#finishing;
  }

  async #finish(status: string): Promise<void> {
    this.#stop();
    const deadline = new AbortController();
    const timer = setTimeout(() => {
      const reason = new Error(`not done in ${this.#settings.finishTimeoutMs / 1000} s`);
      this.#background.abort(reason);
      deadline.abort(reason);
    }, this.#settings.finishTimeoutMs);
    try {
      await this.#deliveryLoop;
      await this.#deliver(deadline.signal);
      await this.#client.updateRun(this.id!, status, Date.now(), deadline.signal);
    } catch (error) {
      const fields = {
        problem: firstLine(error),
        address: this.#client.address,
        unsent: this.#pending.length + this.#droppedCount,
      };
      this.#log.warn(fields, 'MLflow was not told how the run ended');
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener('abort', this.#stop);
    }
  }

  readonly #stop = (): void => {
    this.#isStopped = true;
    this.#pauseController.abort();
  };

  async #deliverUntilStopped(signal: AbortSignal): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#deliver(signal);
        this.#recordSuccess();
      } catch (error) {
        if (signal.aborted) return;
        this.#recordFailure(error);
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
        this.#hasWarnedOfRefusal = false;
      } catch (error) {
        if (isPermanentError(error)) {
          this.#warnOfRefusal(error);
          continue;
        }
        this.#pending.unshift(...metrics);
        this.#dropExcess();
        throw error;
      }
    }
  }

  /** Does not keep the process alive. */
  async #pause(): Promise<void> {
    if (this.#isStopped) return;
    const { intervalMs, retryDelayMs, maxRetryDelayMs } = this.#settings;
    const backoffMs = Math.min(retryDelayMs * 2 ** (this.#failureCount - 1), maxRetryDelayMs);
    this.#pauseController = new AbortController();
    const options = { signal: this.#pauseController.signal, ref: false };
    await delay(this.#failureCount === 0 ? intervalMs : backoffMs, undefined, options).catch(() => {});
  }

  /** Drops the oldest; some at once, as each drop moves all that stay. */
  #dropExcess(): void {
    const { maxPending } = this.#settings;
    const excess = this.#pending.length - maxPending;
    if (excess <= 0) return;
    if (this.#droppedCount === 0) {
      this.#log.warn(
        { address: this.#client.address },
        'MLflow stays away: the oldest values that wait for it are dropped',
      );
    }
    this.#droppedCount += this.#pending.splice(0, Math.max(excess, Math.ceil(maxPending / 50))).length;
  }

  #recordFailure(error: unknown): void {
    this.#failureCount++;
    if (this.#failureCount > 1) return;
    const fields = { problem: firstLine(error), address: this.#client.address };
    this.#log.warn(fields, 'MLflow cannot be told: the training goes on, and its values wait');
  }

  #recordSuccess(): void {
    if (this.#failureCount > 0) this.#log.info({ lost: this.#droppedCount }, 'MLflow is told again');
    this.#failureCount = 0;
    this.#droppedCount = 0;
  }

  #warnOfRefusal(error: Error): void {
    if (!this.#hasWarnedOfRefusal)
      this.#log.warn({ problem: error.message, run: this.id }, 'MLflow refuses values: they are dropped');
    this.#hasWarnedOfRefusal = true;
  }
}
