import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { MlflowRun } from '../../mlflow/mlflow-run.ts';
import type { HistoryRecord } from '../../training/history/history-record.ts';
import type { TaskContext } from '../job-kind.ts';
import type { TrainSpec } from './train-spec.ts';
import type { TrainingJobPaths } from './training-job-paths.ts';

/**
 * Runs a training, and tracks it at an MLflow server where one is configured.
 * @param train runs the training and writes its report; `onRecord` is to be called with each record of its history
 * @throws whatever `train` throws, and nothing else
 */
export async function withMlflowTracking<T>(
  spec: TrainSpec,
  paths: TrainingJobPaths,
  context: TaskContext,
  train: (onRecord: (record: HistoryRecord) => void) => Promise<T>,
): Promise<T> {
  const tracking = await MlflowTracking.start(spec, paths, context);
  try {
    const result = await train((record) => tracking?.log(record));
    await tracking?.finish('FINISHED', [paths.report, paths.summary, paths.history]);
    return result;
  } catch (error) {
    await tracking?.finish(context.signal.aborted ? 'KILLED' : 'FAILED');
    throw error;
  }
}

/**
 * The MLflow run of a training. The run's id is saved as soon as the server has given it, so that another worker that resumes
 * the training resumes the run too.
 */
class MlflowTracking {
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

  /** Undefined where no MLflow server is configured. */
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
      tags: {
        'panelvec.job': jobId,
        'panelvec.output': spec.output,
        'mlflow.source.type': 'JOB',
        'mlflow.source.name': 'panelvec',
      },
      log,
      signal,
    });
    return new MlflowTracking(run, runId, paths, log);
  }

  /** Queues the values of a record. Never waits. */
  log(record: HistoryRecord): void {
    this.#run.log(record);
    this.#saveRunId();
  }

  /** Ends the run. Never throws. */
  async finish(status: 'FINISHED' | 'FAILED' | 'KILLED', files: readonly string[] = []): Promise<void> {
    await this.#run.finish(status, files);
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
      .catch((err: unknown) => this.#log.warn({ err, run: id }, 'cannot save the id of the MLflow run'));
  }
}

/** The fields of an object and of the objects in it, by names such as `training.weights.contrastive`. */
export function flattenFields(value: object, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]): [string, string][] =>
      typeof field === 'object' && field !== null && !Array.isArray(field)
        ? Object.entries(flattenFields(field, `${prefix}${key}.`))
        : [[prefix + key, String(field)]],
    ),
  );
}
