import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { type MlflowClient, type MlflowEntry, MlflowError } from './mlflow-client.ts';

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
  readonly #mark: MlflowEntry = { key: START_TAG, value: randomUUID() };
  #id: string | undefined;
  #experimentId: string | undefined;
  #asked = false;
  #known = false;
  #described = false;

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
    if (!this.#known) this.#id = (await this.#resumed(signal)) ?? (await this.#created(signal));
    this.#known = true;
    const id = this.#id!;
    if (!this.#described) await this.#describe(id, signal);
    this.#described = true;
    return id;
  }

  async #resumed(signal: AbortSignal): Promise<string | null> {
    if (this.#id === undefined) return null;
    try {
      await this.#client.updateRun(this.#id, 'RUNNING', undefined, signal);
      return this.#id;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#log.warn({ problem: error.message, run: this.#id }, 'MLflow has no such run any more: another is begun');
      this.#id = undefined;
      return null;
    }
  }

  async #created(signal: AbortSignal): Promise<string> {
    const { experiment, runName } = this.#run;
    this.#experimentId ??= await this.#client.experimentId(experiment, signal);
    // A slow server may have made the run whose answer was not waited for: each try would leave one more.
    const found = this.#asked ? await this.#client.findRun(this.#experimentId, this.#mark, signal) : null;
    if (found !== null) return found;
    this.#asked = true;
    const run = { experimentId: this.#experimentId, name: runName, startTime: this.#startTime, tags: [this.#mark] };
    return this.#client.createRun(run, signal);
  }

  /** Tags and params apart from the metrics and from each other: of a batch that is refused, nothing is kept. */
  async #describe(id: string, signal: AbortSignal): Promise<void> {
    for (const tags of batches(entries(this.#run.tags, MAX_TAG_CHARACTERS))) await this.#offer(id, { tags }, signal);
    for (const params of batches(entries(this.#run.params, MAX_PARAM_CHARACTERS))) {
      await this.#offer(id, { params }, signal);
    }
  }

  async #offer(id: string, batch: Parameters<MlflowClient['logBatch']>[1], signal: AbortSignal): Promise<void> {
    try {
      await this.#client.logBatch(id, batch, signal);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#log.warn({ problem: error.message, run: id }, 'MLflow refuses what the run is described by');
    }
  }
}

export function isRefusal(error: unknown): error is MlflowError {
  return error instanceof MlflowError && error.refused;
}

/** MLflow takes letters, digits, and _ - . / and spaces in names, and refuses the whole request for one other. */
export function mlflowKey(name: string): string {
  return name.replace(/[^\w\-./ ]/g, '_').slice(0, MAX_KEY_CHARACTERS);
}

function entries(values: Readonly<Record<string, string>>, maxCharacters: number): MlflowEntry[] {
  return Object.entries(values).map(([name, value]) => {
    const cut = value.length > maxCharacters ? `${value.slice(0, maxCharacters - 1)}…` : value;
    // A cut may go through the middle of a character.
    return { key: mlflowKey(name), value: cut.toWellFormed() };
  });
}

function batches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / MAX_PARAMS_OR_TAGS);
  return Array.from({ length: count }, (_, at) => items.slice(at * MAX_PARAMS_OR_TAGS, (at + 1) * MAX_PARAMS_OR_TAGS));
}
