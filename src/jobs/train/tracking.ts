import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { oneLine } from '../../errors.ts';
import { writeWhole } from '../../formats/whole-file.ts';
import { MlflowRun } from '../../training/history/mlflow.ts';
import type { HistoryRecord } from '../../training/history/record.ts';
import type { TaskContext } from '../job-kind.ts';
import type { TrainFolder } from './train-folder.ts';
import type { TrainSpec } from './train-spec.ts';

/**
 * The training at an MLflow server. Its id is noted as soon as there is one: whoever goes on with the training, also behind a
 * worker that was killed, goes on with the run.
 */
export class TrackedTraining {
  readonly #run: MlflowRun;
  readonly #place: TrainFolder;
  readonly #log: Logger;
  #noted: string | undefined;
  #noting: Promise<void> = Promise.resolve();

  private constructor(run: MlflowRun, noted: string | undefined, place: TrainFolder, log: Logger) {
    this.#run = run;
    this.#noted = noted;
    this.#place = place;
    this.#log = log;
  }

  /** Undefined where no server is configured. */
  static async start(
    spec: TrainSpec,
    place: TrainFolder,
    { resources: { tracking }, jobId, log, signal }: TaskContext,
  ): Promise<TrackedTraining | undefined> {
    if (tracking === undefined) return undefined;
    const begun = await readFile(place.tracking, 'utf8').catch(() => undefined);
    const runId: string | undefined = begun === undefined ? undefined : JSON.parse(begun).run_id;
    const { uri, experiment, token } = tracking;
    const run = MlflowRun.start({
      trackingUri: uri,
      ...(token !== undefined && { token }),
      experiment,
      runName: spec.output,
      runId,
      params: flattened({ model: spec.model, dataset: spec.dataset, training: spec.training }),
      tags: { 'panelvec.job': jobId, 'panelvec.output': spec.output },
      log,
      signal,
    });
    return new TrackedTraining(run, runId, place, log);
  }

  /** Never waits. */
  log(record: HistoryRecord): void {
    this.#run.log(record);
    this.#note();
  }

  /** Never throws. */
  async finish(status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void> {
    await this.#run.finish(status);
    this.#note();
    await this.#noting;
  }

  #note(): void {
    const { id } = this.#run;
    if (id === undefined || id === this.#noted) return;
    this.#noted = id;
    const { tracking, work } = this.#place;
    this.#noting = this.#noting
      .then(() => writeWhole(tracking, Buffer.from(JSON.stringify({ run_id: id })), work.scratch))
      .catch((error: unknown) => this.#log.warn({ problem: oneLine(error), run: id }, 'the MLflow run is not noted'));
  }
}

/** Nested fields as `training.weights.contrastive`. */
export function flattened(value: object, before = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]): [string, string][] =>
      typeof field === 'object' && field !== null && !Array.isArray(field)
        ? Object.entries(flattened(field, `${before}${key}.`))
        : [[before + key, String(field)]],
    ),
  );
}
