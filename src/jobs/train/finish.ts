import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from '../../formats/whole-file.ts';
import type { Model } from '../../model/model.ts';
import { homeModels } from '../../model/model-folders.ts';
import { TrainingSet } from '../../training/data/training-set.ts';
import { writeHistoryCsv } from '../../training/history/history-csv.ts';
import { readHistory } from '../../training/history/history-file.ts';
import { reportHtml } from '../../training/history/report.ts';
import { trainInProcess } from '../../training/trainer/trainer-process.ts';
import type { TrainingSummary } from '../../training/training-hooks.ts';
import type { TrainingPlan } from '../../training/training-plan.ts';
import { artifactOf } from '../artifact-of.ts';
import type { Artifact } from '../job.ts';
import type { TaskContext } from '../job-kind.ts';
import { readPartTable } from '../pages/page-index.ts';
import { buildTrained, ORIGIN } from './build-trained.ts';
import { modelCard, type ToldSummary, trainingFacts } from './model-card.ts';
import { trainedParts } from './model-parts.ts';
import { pagesOfParts } from './plan.ts';
import { flattened, TrackedTraining } from './tracking.ts';
import {
  HISTORY,
  HISTORY_CSV,
  leaveNothing,
  SUMMARY,
  TRAINING_REPORT,
  type TrainFolder,
  trainFolder,
} from './train-folder.ts';
import type { TrainSpec } from './train-spec.ts';

/** The training itself, from its last checkpoint on, and the model that comes of it. */
export async function finishTrain(spec: TrainSpec, context: TaskContext): Promise<readonly Artifact[]> {
  const { resources, jobId } = context;
  const place = trainFolder(resources.home, spec.output);
  if (!(await isBuilt(resources.home, spec.output, jobId))) {
    const base = (await resources.served(spec.model.base)).model;
    const plan = await planOf(spec, base, place, context);
    const summary = await trainTracked(spec, plan, place, context).catch(async (error: unknown) => {
      await leaveNothing(place, error);
      throw error;
    });
    const { result: checkpoint, ...rest } = summary;
    const told = { ...rest, bad_pages: await countBadPages(spec, plan, place) };
    await writeSummary(spec, told, place);
    const origin = { job_id: jobId, spec, summary: told };
    const card = modelCard(spec, told);
    await buildTrained(resources.home, { plan, checkpoint, origin, card }, context.signal);
  }
  await rm(place.work.folder, { recursive: true, force: true });
  const files = [HISTORY, HISTORY_CSV, TRAINING_REPORT, SUMMARY].map((name) => path.join(place.folder, name));
  return Promise.all([
    artifactOf(resources.home, path.join(homeModels(resources.home), spec.output), 'model'),
    ...files.map((file) => artifactOf(resources.home, file)),
  ]);
}

/** Whether a worker that died behind its work has left the model already. */
async function isBuilt(home: string, output: string, jobId: string): Promise<boolean> {
  const file = path.join(homeModels(home), output, ORIGIN);
  return existsSync(file) && JSON.parse(await readFile(file, 'utf8')).job_id === jobId;
}

/** Pages in all, of those that are held out, too. */
async function countPages({ dataset }: TrainSpec, { work }: TrainFolder): Promise<number[]> {
  const tables = [await readPartTable(work.training)];
  if (dataset.val_pss_labels !== null) tables.push(await readPartTable(work.validation));
  return tables.map(({ pages }) => pages);
}

/** Pages that are in no part, as they could not be read. */
async function countBadPages(spec: TrainSpec, { parts }: TrainingPlan, place: TrainFolder): Promise<number> {
  const all = await countPages(spec, place);
  await using set = await TrainingSet.open(parts);
  return all.reduce((sum, pages) => sum + pages, 0) - set.pages.length;
}

async function planOf(
  spec: TrainSpec,
  base: Model,
  place: TrainFolder,
  { resources: { engines } }: TaskContext,
): Promise<TrainingPlan> {
  const counts = await countPages(spec, place);
  const parts = counts.reduce((sum, pages) => sum + pagesOfParts(pages).length, 0);
  return {
    folder: place.folder,
    parts: Array.from({ length: parts }, (_, part) => place.work.part(part)),
    base,
    model: trainedParts(spec, base),
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
  place: TrainFolder,
  context: TaskContext,
): Promise<TrainingSummary> {
  const tracking = await TrackedTraining.start(spec, place, context);
  try {
    const summary = await trainInProcess(plan, {
      signal: context.signal,
      begun: () => context.log.info('training begins'),
      progress: (done, total, detail) => context.progress(done, total, detail),
      record: (record) => tracking?.log(record),
      note: (message) => context.log.warn(message),
    });
    await tracking?.finish('FINISHED');
    return summary;
  } catch (error) {
    await tracking?.finish(context.signal.aborted ? 'KILLED' : 'FAILED');
    throw error;
  }
}

async function writeSummary(spec: TrainSpec, summary: ToldSummary, place: TrainFolder): Promise<void> {
  const { scratch } = place.work;
  const read = () => readHistory(place.history);
  await writeHistoryCsv(read, place.historyCsv, scratch);
  const facts = [...trainingFacts(spec, summary), ...Object.entries(flattened(spec))];
  const title = `Training of ${spec.output}`;
  const report = await reportHtml({ title, facts, records: read(), notes: summary.notes });
  await writeWhole(place.report, Buffer.from(report), scratch);
  await writeWhole(place.summary, Buffer.from(`${JSON.stringify(summary, undefined, 2)}\n`), scratch);
}
