import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { firstLine } from '../../errors.ts';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { MlflowRun } from '../../mlflow/mlflow-run.ts';
import type { HistoryRecord } from '../../training/history/history-record.ts';
import type { TaskContext } from '../job-kind.ts';
import type { TrainSpec } from './train-spec.ts';
import type { TrainingJobPaths } from './training-job-paths.ts';

/**
 * The training at an MLflow server. Its id is noted as soon as there is one: whoever goes on with the training, also behind a
 * worker that was killed, goes on with the run.
 */
export class MlflowTracking {
  readonly #run: MlflowRun;
  readonly #paths: TrainingJobPaths;
  readonly #log: Logger;
  #savedRunId: string | undefined;
  #saving: Promise<void> = Promise.resolve();

  private constructor(run: MlflowRun, savedRunId: string | undefined, paths: TrainingJobPaths, log: Logger) {
    this.#run = run;
    this.#savedRunId = savedRunId;
    this.#paths = paths;
    this.#log = log;
  }

  /** Undefined where no server is configured. */
  static async start(
    spec: TrainSpec,
    paths: TrainingJobPaths,
    { resources: { tracking }, jobId, log, signal }: TaskContext,
  ): Promise<MlflowTracking | undefined> {
    if (tracking === undefined) return undefined;
    const saved = await readFile(paths.tracking, 'utf8').catch(() => undefined);
    const runId: string | undefined = saved === undefined ? undefined : JSON.parse(saved).run_id;
    const { uri, experiment, token } = tracking;
    const run = MlflowRun.start({
      trackingUri: uri,
      ...(token !== undefined && { token }),
      experiment,
      runName: spec.output,
      runId,
      params: flattenFields({ model: spec.model, dataset: spec.dataset, training: spec.training }),
      tags: { 'panelvec.job': jobId, 'panelvec.output': spec.output },
      log,
      signal,
    });
    return new MlflowTracking(run, runId, paths, log);
  }

  /** Never waits. */
  log(record: HistoryRecord): void {
    this.#run.log(record);
    this.#saveRunId();
  }

  /** Never throws. */
  async finish(status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void> {
    await this.#run.finish(status);
    this.#saveRunId();
    await this.#saving;
  }

  #saveRunId(): void {
    const { id } = this.#run;
    if (id === undefined || id === this.#savedRunId) return;
    this.#savedRunId = id;
    const { tracking, work } = this.#paths;
    this.#saving = this.#saving
      .then(() => writeFileAtomic(tracking, JSON.stringify({ run_id: id }), work.scratch))
      .catch((error: unknown) => this.#log.warn({ problem: firstLine(error), run: id }, 'the MLflow run is not noted'));
  }
}

/** Nested fields as `training.weights.contrastive`. */
export function flattenFields(value: object, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]): [string, string][] =>
      typeof field === 'object' && field !== null && !Array.isArray(field)
        ? Object.entries(flattenFields(field, `${prefix}${key}.`))
        : [[prefix + key, String(field)]],
    ),
  );
}
