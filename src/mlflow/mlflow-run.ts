import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { HistoryRecord } from '../training/history/history-record.ts';
import { OBJECTIVES } from '../training/training-spec.ts';
import { MlflowClient, type MlflowConnection, type MlflowMetric } from './mlflow-client.ts';
import { isPermanentError, MAX_METRICS, MlflowSession, mlflowKey, type RunDescription } from './mlflow-session.ts';

export interface MlflowOptions extends MlflowConnection, RunDescription {
  readonly log: Logger;
  /** Ends the delivery in the background; `finish` still makes one attempt */
  readonly signal: AbortSignal;
  readonly settings?: Partial<MlflowSettings>;
}

export interface MlflowSettings {
  /** Pause between two deliveries, in which values become batches */
  readonly intervalMs: number;
  readonly requestTimeoutMs: number;
  /** Pause after the first failure; it doubles with each further one */
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** Time that `finish` may take */
  readonly finishTimeoutMs: number;
  /** Values that wait while the server is unavailable, about 100 bytes each */
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

/** What records of steps and of epochs both have: a series by this name alone would mix batches with means of epochs. */
const SHARED_NAMES: ReadonlySet<string> = new Set(['loss', 'learning_rate', ...OBJECTIVES]);

/**
 * A run of MLflow Tracking that receives the metrics of a training. A server that is unavailable, slow or refuses requests
 * neither fails nor delays the training. All requests are sent in the background, one at a time. Values that cannot be
 * delivered wait, up to a limit, and the log has one line per outage. A batch without an answer is sent again with the same
 * timestamps: of two equal values MLflow's databases keep one, its file store both.
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
   * Starts the delivery. Returns at once: the run is created at the server, or found there, in the background.
   * @throws PanelvecError config_invalid where the tracking URI is no http(s) address
   */
  static start(options: MlflowOptions): MlflowRun {
    return new MlflowRun(options);
  }

  /** The id that a later training can resume; undefined until the server has given one. */
  get id(): string | undefined {
    return this.#session.id;
  }

  /** Queues the values of a record. Never waits. Values that are not finite are left out, as JSON has none. */
  log({ kind, step, values }: HistoryRecord): void {
    if (this.#finishing !== undefined || this.#signal.aborted) return;
    const timestamp = Date.now();
    for (const [name, value] of Object.entries(values)) {
      const key = kind === 'epoch' && SHARED_NAMES.has(name) ? `epoch_${name}` : mlflowKey(name);
      if (Number.isFinite(value)) this.#pending.push({ key, value, timestamp, step });
    }
    this.#dropExcess();
    if (this.#pending.length >= MAX_METRICS && this.#failureCount === 0) this.#pauseController.abort();
  }

  /**
   * Sends the values that wait, then the final status, then files as artefacts, in a few seconds or not at all. Never throws; the
   * first call counts.
   */
  finish(status: 'FINISHED' | 'FAILED' | 'KILLED', files: readonly string[] = []): Promise<void> {
    this.#finishing ??= this.#finish(status, files);
    return this.#finishing;
  }

  async #finish(status: string, files: readonly string[]): Promise<void> {
    this.#stop();
    const deadline = new AbortController();
    const timer = setTimeout(() => {
      const reason = new Error(`not done in ${this.#settings.finishTimeoutMs / 1000} s`);
      this.#background.abort(reason);
      deadline.abort(reason);
    }, this.#settings.finishTimeoutMs);
    try {
      await this.#deliveryLoop;
      const runId = await this.#deliver(deadline.signal);
      const artifactUri = await this.#client.updateRun(runId, status, Date.now(), deadline.signal);
      await this.#uploadFiles(artifactUri, files, deadline.signal);
    } catch (error) {
      const fields = {
        err: error,
        address: this.#client.address,
        unsent: this.#pending.length + this.#droppedCount,
      };
      this.#log.warn(fields, 'cannot send the final status of the run to MLflow');
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener('abort', this.#stop);
    }
  }

  async #uploadFiles(artifactUri: string, files: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      for (const file of files) {
        const content = await readFile(file);
        if (await this.#client.uploadArtifact(artifactUri, path.basename(file), content, signal)) continue;
        this.#log.info({ artifactUri }, 'MLflow stores no artefacts itself: the files of the training stay here');
        return;
      }
    } catch (error) {
      this.#log.warn({ err: error, address: this.#client.address }, 'cannot send the files of the training to MLflow');
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

  /** Sends all values that wait. @returns the id of the run */
  async #deliver(signal: AbortSignal): Promise<string> {
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
    return runId;
  }

  /** Waits until the next delivery. Does not keep the process alive. */
  async #pause(): Promise<void> {
    if (this.#isStopped) return;
    const { intervalMs, retryDelayMs, maxRetryDelayMs } = this.#settings;
    const backoffMs = Math.min(retryDelayMs * 2 ** (this.#failureCount - 1), maxRetryDelayMs);
    this.#pauseController = new AbortController();
    const options = { signal: this.#pauseController.signal, ref: false };
    await delay(this.#failureCount === 0 ? intervalMs : backoffMs, undefined, options).catch(() => {});
  }

  /** Drops the oldest values above the limit. Drops some at once, because each drop moves all that stay. */
  #dropExcess(): void {
    const { maxPending } = this.#settings;
    const excess = this.#pending.length - maxPending;
    if (excess <= 0) return;
    if (this.#droppedCount === 0) {
      this.#log.warn({ address: this.#client.address }, 'MLflow is still unavailable: the oldest values are dropped');
    }
    this.#droppedCount += this.#pending.splice(0, Math.max(excess, Math.ceil(maxPending / 50))).length;
  }

  #recordFailure(error: unknown): void {
    this.#failureCount++;
    if (this.#failureCount > 1) return;
    const fields = { err: error, address: this.#client.address };
    this.#log.warn(fields, 'MLflow is unavailable: the training continues, and its values wait');
  }

  #recordSuccess(): void {
    if (this.#failureCount > 0) this.#log.info({ lost: this.#droppedCount }, 'MLflow is available again');
    this.#failureCount = 0;
    this.#droppedCount = 0;
  }

  #warnOfRefusal(error: Error): void {
    if (!this.#hasWarnedOfRefusal)
      this.#log.warn({ err: error, run: this.id }, 'MLflow refuses values: they are dropped');
    this.#hasWarnedOfRefusal = true;
  }
}
