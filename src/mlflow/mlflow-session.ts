import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { type MlflowClient, MlflowError, type MlflowKeyValue } from './mlflow-client.ts';

/** Limits of one request to runs/log-batch, from mlflow/utils/validation.py. */
export const MAX_METRICS = 1000;
const MAX_PARAMS_OR_TAGS = 100;
const MAX_KEY_CHARACTERS = 250;
const MAX_PARAM_CHARACTERS = 6000;
const MAX_TAG_CHARACTERS = 5000;

/** The tag that finds a run whose creation was not answered. */
const START_TAG = 'panelvec.start';

export interface RunDescription {
  readonly experiment: string;
  readonly runName: string;
  /** The run to resume. Without one, or where the server no longer has it, a new run starts */
  readonly runId: string | undefined;
  /** MLflow never changes a param: a run that is resumed keeps its first values, and refuses others */
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** A run at the server, which is created or found when it is first needed. */
export class MlflowSession {
  readonly #client: MlflowClient;
  readonly #run: RunDescription;
  readonly #log: Logger;
  readonly #startTime = Date.now();
  readonly #startTag: MlflowKeyValue = { key: START_TAG, value: randomUUID() };
  #id: string | undefined;
  #experimentId: string | undefined;
  #hasSentCreate = false;
  #hasRun = false;
  #isDescribed = false;

  constructor(client: MlflowClient, run: RunDescription, log: Logger) {
    this.#client = client;
    this.#run = run;
    this.#log = log;
    this.#id = run.runId;
  }

  get id(): string | undefined {
    return this.#id;
  }

  /**
   * Makes sure that the run exists, is RUNNING and has its params and tags. After an error, another call continues.
   * @returns the id of the run
   * @throws MlflowError
   */
  async ready(signal: AbortSignal): Promise<string> {
    const id =
      this.#hasRun && this.#id !== undefined
        ? this.#id
        : ((await this.#resumeRun(signal)) ?? (await this.#findOrCreateRun(signal)));
    this.#id = id;
    this.#hasRun = true;
    if (!this.#isDescribed) await this.#logDescription(id, signal);
    this.#isDescribed = true;
    return id;
  }

  async #resumeRun(signal: AbortSignal): Promise<string | null> {
    if (this.#id === undefined) return null;
    try {
      await this.#client.updateRun(this.#id, 'RUNNING', undefined, signal);
      return this.#id;
    } catch (error) {
      if (!isPermanentError(error)) throw error;
      this.#log.warn({ err: error, run: this.#id }, 'MLflow no longer has the run: a new one starts');
      this.#id = undefined;
      return null;
    }
  }

  async #findOrCreateRun(signal: AbortSignal): Promise<string> {
    const { experiment, runName } = this.#run;
    this.#experimentId ??= await this.#client.experimentId(experiment, signal);
    // A slow server may have created the run after the request timed out: each further try would leave one more.
    const found = this.#hasSentCreate ? await this.#client.findRun(this.#experimentId, this.#startTag, signal) : null;
    if (found !== null) return found;
    this.#hasSentCreate = true;
    const run = { experimentId: this.#experimentId, name: runName, startTime: this.#startTime, tags: [this.#startTag] };
    return this.#client.createRun(run, signal);
  }

  /** Sends tags and params apart from metrics and from each other: MLflow keeps nothing of a batch that it refuses. */
  async #logDescription(id: string, signal: AbortSignal): Promise<void> {
    for (const tags of splitIntoBatches(toKeyValues(this.#run.tags, MAX_TAG_CHARACTERS)))
      await this.#logUnlessRefused(id, { tags }, signal);
    for (const params of splitIntoBatches(toKeyValues(this.#run.params, MAX_PARAM_CHARACTERS))) {
      await this.#logUnlessRefused(id, { params }, signal);
    }
  }

  async #logUnlessRefused(
    id: string,
    batch: Parameters<MlflowClient['logBatch']>[1],
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#client.logBatch(id, batch, signal);
    } catch (error) {
      if (!isPermanentError(error)) throw error;
      this.#log.warn({ err: error, run: id }, 'MLflow refuses the params or tags of the run');
    }
  }
}

/** Whether the server refuses the request for good. */
export function isPermanentError(error: unknown): error is MlflowError {
  return error instanceof MlflowError && error.isPermanent;
}

/** A name that MLflow accepts: it refuses a whole request for one character other than letters, digits, _ - . / and spaces. */
export function mlflowKey(name: string): string {
  return name.replace(/[^\w\-./ ]/g, '_').slice(0, MAX_KEY_CHARACTERS);
}

function toKeyValues(values: Readonly<Record<string, string>>, maxCharacters: number): MlflowKeyValue[] {
  return Object.entries(values).map(([name, value]) => {
    const truncated = value.length > maxCharacters ? `${value.slice(0, maxCharacters - 1)}…` : value;
    // The cut may split a surrogate pair.
    return { key: mlflowKey(name), value: truncated.toWellFormed() };
  });
}

function splitIntoBatches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / MAX_PARAMS_OR_TAGS);
  return Array.from({ length: count }, (_, i) => items.slice(i * MAX_PARAMS_OR_TAGS, (i + 1) * MAX_PARAMS_OR_TAGS));
}
