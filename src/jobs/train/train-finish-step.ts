import path from 'node:path';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import { removeIfFree } from '../../files/files-in-use.ts';
import { homeModelsFolder } from '../../model/model-folders.ts';
import { trainInProcess } from '../../training/trainer-process/trainer-process.ts';
import { writeTrainingReport } from '../../training-report/training-report.ts';
import { createArtifact } from '../create-artifact.ts';
import type { Artifact } from '../job.ts';
import type { TaskContext } from '../job-kind.ts';
import { buildTrainedModel, isBuilt } from './build-trained-model.ts';
import { countBadPages, makeTrainingPlan } from './make-training-plan.ts';
import { flattenFields, withMlflowTracking } from './mlflow-tracking.ts';
import { modelCard, type ReportedSummary, trainingFacts } from './model-card.ts';
import { readDataFingerprint } from './stale-parts.ts';
import type { TrainSpec } from './train-spec.ts';
import {
  HISTORY,
  HISTORY_CSV,
  removeInvalidTraining,
  SUMMARY,
  TRAINING_REPORT,
  type TrainingJobPaths,
  trainingJobPaths,
} from './training-job-paths.ts';

/** The last step of a job: trains, from the last checkpoint on where there is one, and builds the trained model. */
export async function finishTrain(spec: TrainSpec, context: TaskContext): Promise<readonly Artifact[]> {
  const { home } = context.resources;
  const paths = trainingJobPaths(home, spec.output);
  // A worker may have died after it built the model.
  if (!(await isBuilt(home, spec.output, context.jobId))) await trainAndBuild(spec, paths, context);
  await removeIfFree(paths.work.folder);
  const files = [HISTORY, HISTORY_CSV, TRAINING_REPORT, SUMMARY].map((name) => path.join(paths.folder, name));
  return Promise.all([
    createArtifact(home, path.join(homeModelsFolder(home), spec.output), 'model'),
    ...files.map((file) => createArtifact(home, file)),
  ]);
}

async function trainAndBuild(spec: TrainSpec, paths: TrainingJobPaths, context: TaskContext): Promise<void> {
  const { resources, jobId, signal, log } = context;
  const plan = await makeTrainingPlan(spec, paths, resources);
  const { checkpoint, summary } = await withMlflowTracking(spec, paths, context, async (onRecord) => {
    const { result: checkpoint, ...result } = await trainInProcess(plan, {
      signal,
      onStart: () => log.info('training starts'),
      onProgress: (done, total, detail) => context.reportProgress(done, total, detail),
      onRecord,
      onWarning: (message) => log.warn(message),
    });
    const summary = { ...result, bad_pages: await countBadPages(spec, plan, paths) };
    await writeReports(spec, paths, summary);
    return { checkpoint, summary };
  }).catch(async (error: unknown) => {
    await removeInvalidTraining(paths, error);
    throw error;
  });
  const { base } = plan;
  const parent = { id: base.id, space: base.space };
  const origin = { job_id: jobId, spec, parent, data_fingerprint: await readDataFingerprint(paths), summary };
  await buildTrainedModel(resources.home, { plan, checkpoint, origin, card: modelCard(spec, summary) }, signal);
}

async function writeReports(spec: TrainSpec, paths: TrainingJobPaths, summary: ReportedSummary): Promise<void> {
  const { scratch } = paths.work;
  await writeTrainingReport(paths, scratch, {
    title: `Training of ${spec.output}`,
    facts: [...trainingFacts(spec, summary), ...Object.entries(flattenFields(spec))],
    notes: summary.notes,
  });
  await writeFileAtomic(paths.summary, `${JSON.stringify(summary, undefined, 2)}\n`, scratch);
}
