import { TrainingSet } from '../../training/data/training-set.ts';
import type { TrainingPlan } from '../../training/training-plan.ts';
import { elementAt } from '../../util/arrays.ts';
import type { TaskContext } from '../job-kind.ts';
import { readPartTable } from '../pages/page-index-file.ts';
import { assertPartsSpace } from './stale-parts.ts';
import { partSizes } from './train-plan-step.ts';
import type { TrainSpec } from './train-spec.ts';
import { trainedModelParts } from './trained-model-parts.ts';
import type { TrainingJobPaths } from './training-job-paths.ts';

/** The plan of a job's training, whose parts are all written. @throws PanelvecError where they are of another space */
export async function makeTrainingPlan(
  spec: TrainSpec,
  paths: TrainingJobPaths,
  { loadModel, engines }: TaskContext['resources'],
): Promise<TrainingPlan> {
  const { model: base } = await loadModel(spec.model.base);
  await assertPartsSpace(paths, base);
  const pageCounts = await countIndexedPages(spec, paths);
  const partCount = pageCounts.reduce((sum, pages) => sum + partSizes(pages).length, 0);
  return {
    folder: paths.folder,
    partFiles: Array.from({ length: partCount }, (_, part) => paths.work.part(part)),
    base,
    model: trainedModelParts(spec, base),
    options: spec.training,
    validationFraction: spec.dataset.val_fraction,
    provider: engines.provider,
    device: elementAt(engines.devices, 0),
    threads: engines.threads,
  };
}

/** The number of pages that are in no part, because they could not be read. */
export async function countBadPages(
  spec: TrainSpec,
  { partFiles }: TrainingPlan,
  paths: TrainingJobPaths,
): Promise<number> {
  const pageCounts = await countIndexedPages(spec, paths);
  await using set = await TrainingSet.open(partFiles);
  return pageCounts.reduce((sum, pages) => sum + pages, 0) - set.pages.length;
}

/** Pages of each index: those of pss_labels, then those of val_pss_labels where there are any. */
async function countIndexedPages({ dataset }: TrainSpec, { work }: TrainingJobPaths): Promise<number[]> {
  const tables = [await readPartTable(work.training)];
  if (dataset.val_pss_labels !== null) tables.push(await readPartTable(work.validation));
  return tables.map(({ pages }) => pages);
}
