import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { type MlflowClient, MlflowError, type MlflowKeyValue } from './mlflow-client.ts';

/** Limits of one runs/log-batch, and of what it holds: mlflow/utils/validation.py. */
export const MAX_METRICS = 1000;
const MAX_PARAMS_OR_TAGS = 100;
const MAX_KEY_CHARACTERS = 250;
const MAX_PARAM_CHARACTERS = 6000;
const MAX_TAG_CHARACTERS = 5000;

/** The tag by which a run is found again whose creation went unanswered. */
const START_TAG = 'panelvec.start';

export interface RunDescription {
  readonly experiment: string;
  readonly runName: string;
  /** Of the run that is to go on; a new one is begun where there is none, or the server has it no more. */
  readonly runId: string | undefined;
  /** MLflow never changes a param: of a run that goes on, other values are refused, and the first ones stay. */
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** The run as the server knows it: made, or found, when it is first needed and the server can be reached. */
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
   * The id of the run, which is there, is RUNNING and has its params and tags. After an error it goes on where it was.
   * @throws MlflowError
   */
  async ready(signal: AbortSignal): Promise<string> {
    if (!this.#hasRun) this.#id = (await this.#resumeRun(signal)) ?? (await this.#findOrCreateRun(signal));
    this.#hasRun = true;
    const id = this.#id!;
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
      this.#log.warn({ problem: error.message, run: this.#id }, 'MLflow has no such run any more: another is begun');
      this.#id = undefined;
      return null;
    }
  }

  async #findOrCreateRun(signal: AbortSignal): Promise<string> {
    const { experiment, runName } = this.#run;
    this.#experimentId ??= await this.#client.experimentId(experiment, signal);
    // A slow server may have made the run whose answer was not waited for: each try would leave one more.
    const found = this.#hasSentCreate ? await this.#client.findRun(this.#experimentId, this.#startTag, signal) : null;
    if (found !== null) return found;
    this.#hasSentCreate = true;
    const run = { experimentId: this.#experimentId, name: runName, startTime: this.#startTime, tags: [this.#startTag] };
    return this.#client.createRun(run, signal);
  }

  /** Tags and params apart from the metrics and from each other: of a batch that is refused, nothing is kept. */
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
      this.#log.warn({ problem: error.message, run: id }, 'MLflow refuses what the run is described by');
    }
  }
}

export function isPermanentError(error: unknown): error is MlflowError {
  return error instanceof MlflowError && error.isPermanent;
}

/** MLflow takes letters, digits, and _ - . / and spaces in names, and refuses the whole request for one other. */
export function mlflowKey(name: string): string {
  return name.replace(/[^\w\-./ ]/g, '_').slice(0, MAX_KEY_CHARACTERS);
}

function toKeyValues(values: Readonly<Record<string, string>>, maxCharacters: number): MlflowKeyValue[] {
  return Object.entries(values).map(([name, value]) => {
    const truncated = value.length > maxCharacters ? `${value.slice(0, maxCharacters - 1)}…` : value;
    // A cut may go through the middle of a character.
    return { key: mlflowKey(name), value: truncated.toWellFormed() };
  });
}

function splitIntoBatches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / MAX_PARAMS_OR_TAGS);
  return Array.from({ length: count }, (_, i) => items.slice(i * MAX_PARAMS_OR_TAGS, (i + 1) * MAX_PARAMS_OR_TAGS));
}
