import { readFile } from 'node:fs/promises';
import { writeWhole } from '../../formats/whole-file.ts';
import { MlflowRun } from '../../training/history/mlflow.ts';
import type { TaskContext } from '../job-kind.ts';
import type { TrainFolder } from './train-folder.ts';
import type { TrainSpec } from './train-spec.ts';

/** The training at an MLflow server, where one is configured; one that was begun is gone on with. */
export async function startTracking(
  spec: TrainSpec,
  place: TrainFolder,
  { resources: { tracking }, jobId, log, signal }: TaskContext,
): Promise<MlflowRun | undefined> {
  if (tracking === undefined) return undefined;
  const begun = await readFile(place.tracking, 'utf8').catch(() => undefined);
  const { uri, experiment, token } = tracking;
  return MlflowRun.start({
    trackingUri: uri,
    ...(token !== undefined && { token }),
    experiment,
    runName: spec.output,
    runId: begun === undefined ? undefined : JSON.parse(begun).run_id,
    params: flattened({ model: spec.model, dataset: spec.dataset, training: spec.training }),
    tags: { 'panelvec.job': jobId, 'panelvec.output': spec.output },
    log,
    signal,
  });
}

/** Remembers the run, for whoever goes on with the training. */
export async function keepTracking(run: MlflowRun | undefined, place: TrainFolder): Promise<void> {
  if (run?.id === undefined) return;
  await writeWhole(place.tracking, Buffer.from(JSON.stringify({ run_id: run.id })), place.work.scratch);
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
