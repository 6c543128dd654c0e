import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../files/atomic-write.ts';
import type { Model } from '../../model/model.ts';
import { homeModelsFolder } from '../../model/model-folders.ts';
import { TrainingSet } from '../../training/data/training-set.ts';
import { readHistory } from '../../training/history/history-file.ts';
import { trainInProcess } from '../../training/trainer-process/trainer-process.ts';
import type { TrainingSummary } from '../../training/training-hooks.ts';
import type { TrainingPlan } from '../../training/training-plan.ts';
import { writeHistoryCsv } from '../../training-report/history-csv.ts';
import { reportHtml } from '../../training-report/training-report.ts';
import { createArtifact } from '../create-artifact.ts';
import type { Artifact } from '../job.ts';
import type { TaskContext } from '../job-kind.ts';
import { readPartTable } from '../pages/page-index.ts';
import { buildTrainedModel, ORIGIN_FILE } from './build-trained-model.ts';
import { flattenFields, MlflowTracking } from './mlflow-tracking.ts';
import { modelCard, type ReportedSummary, trainingFacts } from './model-card.ts';
import { partSizes } from './train-plan.ts';
import type { TrainSpec } from './train-spec.ts';
import { trainedModelParts } from './trained-model-parts.ts';
import {
  HISTORY,
  HISTORY_CSV,
  removeInvalidTraining,
  SUMMARY,
  TRAINING_REPORT,
  type TrainingJobPaths,
  trainingJobPaths,
} from './training-job-paths.ts';

/** The training itself, from its last checkpoint on, and the model that comes of it. */
export async function finishTrain(spec: TrainSpec, context: TaskContext): Promise<readonly Artifact[]> {
  const { resources, jobId } = context;
  const paths = trainingJobPaths(resources.home, spec.output);
  if (!(await isBuilt(resources.home, spec.output, jobId))) {
    const base = (await resources.loadModel(spec.model.base)).model;
    const plan = await makeTrainingPlan(spec, base, paths, context);
    const summary = await trainTracked(spec, plan, paths, context).catch(async (error: unknown) => {
      await removeInvalidTraining(paths, error);
      throw error;
    });
    const { result: checkpoint, ...rest } = summary;
    const reportedSummary = { ...rest, bad_pages: await countBadPages(spec, plan, paths) };
    await writeSummary(spec, reportedSummary, paths);
    const origin = { job_id: jobId, spec, summary: reportedSummary };
    const card = modelCard(spec, reportedSummary);
    await buildTrainedModel(resources.home, { plan, checkpoint, origin, card }, context.signal);
  }
  await rm(paths.work.folder, { recursive: true, force: true });
  const files = [HISTORY, HISTORY_CSV, TRAINING_REPORT, SUMMARY].map((name) => path.join(paths.folder, name));
  return Promise.all([
    createArtifact(resources.home, path.join(homeModelsFolder(resources.home), spec.output), 'model'),
    ...files.map((file) => createArtifact(resources.home, file)),
  ]);
}

/** Whether a worker that died behind its work has left the model already. */
async function isBuilt(home: string, output: string, jobId: string): Promise<boolean> {
  const file = path.join(homeModelsFolder(home), output, ORIGIN_FILE);
  return existsSync(file) && JSON.parse(await readFile(file, 'utf8')).job_id === jobId;
}

/** Pages in all, of those that are held out, too. */
async function countPagesByIndex({ dataset }: TrainSpec, { work }: TrainingJobPaths): Promise<number[]> {
  const tables = [await readPartTable(work.training)];
  if (dataset.val_pss_labels !== null) tables.push(await readPartTable(work.validation));
  return tables.map(({ pages }) => pages);
}

/** Pages that are in no part, as they could not be read. */
async function countBadPages(spec: TrainSpec, { partFiles }: TrainingPlan, paths: TrainingJobPaths): Promise<number> {
  const pageCounts = await countPagesByIndex(spec, paths);
  await using set = await TrainingSet.open(partFiles);
  return pageCounts.reduce((sum, pages) => sum + pages, 0) - set.pages.length;
}

async function makeTrainingPlan(
  spec: TrainSpec,
  base: Model,
  paths: TrainingJobPaths,
  { resources: { engines } }: TaskContext,
): Promise<TrainingPlan> {
  const counts = await countPagesByIndex(spec, paths);
  const partCount = counts.reduce((sum, pages) => sum + partSizes(pages).length, 0);
  return {
    folder: paths.folder,
    partFiles: Array.from({ length: partCount }, (_, part) => paths.work.part(part)),
    base,
    model: trainedModelParts(spec, base),
    options: spec.training,
    validationFraction: spec.dataset.val_fraction,
    provider: engines.provider,
    device: engines.devices[0]!,
    threads: engines.threads,
  };
}

async function trainTracked(
  spec: TrainSpec,
  plan: TrainingPlan,
  paths: TrainingJobPaths,
  context: TaskContext,
): Promise<TrainingSummary> {
  const tracking = await MlflowTracking.start(spec, paths, context);
  try {
    const summary = await trainInProcess(plan, {
      signal: context.signal,
      onStart: () => context.log.info('training begins'),
      onProgress: (done, total, detail) => context.reportProgress(done, total, detail),
      onRecord: (record) => tracking?.log(record),
      onWarning: (message) => context.log.warn(message),
    });
    await tracking?.finish('FINISHED');
    return summary;
  } catch (error) {
    await tracking?.finish(context.signal.aborted ? 'KILLED' : 'FAILED');
    throw error;
  }
}

async function writeSummary(spec: TrainSpec, summary: ReportedSummary, paths: TrainingJobPaths): Promise<void> {
  const { scratch } = paths.work;
  const readRecords = () => readHistory(paths.history);
  await writeHistoryCsv(readRecords, paths.historyCsv, scratch);
  const facts = [...trainingFacts(spec, summary), ...Object.entries(flattenFields(spec))];
  const title = `Training of ${spec.output}`;
  const report = await reportHtml({ title, facts, records: readRecords(), notes: summary.notes });
  await writeFileAtomic(paths.report, report, scratch);
  await writeFileAtomic(paths.summary, `${JSON.stringify(summary, undefined, 2)}\n`, scratch);
}
