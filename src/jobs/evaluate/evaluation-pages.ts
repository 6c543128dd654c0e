import type { PageEntry } from '../../datasets/index-pages.ts';
import { type PageIndexFiles, readPartPages, readPartTable } from '../pages/page-index-file.ts';
import { partSizes } from '../train/train-plan-step.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import type { EvaluationPaths } from './evaluation-paths.ts';

/** The indexes of a job: of all pages, or of those to train on and of those that test_pss_labels names. */
export function indexFiles(
  { test_pss_labels: testLabels, trainings, baselines }: EvaluateSpec,
  { work }: EvaluationPaths,
): { readonly pages: PageIndexFiles | undefined; readonly testPages: PageIndexFiles | undefined } {
  const isTrained = trainings.length + baselines.length > 0;
  return {
    pages: testLabels === null || isTrained ? work.pages : undefined,
    testPages: testLabels === null ? undefined : work.testPages,
  };
}

/** The number of pages of each part. The parts of held-out pages come after the others. */
export async function countPartPages(
  spec: EvaluateSpec,
  paths: EvaluationPaths,
): Promise<{ readonly size: number; readonly test: boolean }[]> {
  const { pages, testPages } = indexFiles(spec, paths);
  const count = async (files: PageIndexFiles | undefined, test: boolean) =>
    files === undefined ? [] : partSizes((await readPartTable(files)).pages).map((size) => ({ size, test }));
  return [...(await count(pages, false)), ...(await count(testPages, true))];
}

/** The pages of a part, and whether they are held out. */
export async function readEvaluationPages(
  spec: EvaluateSpec,
  part: number,
  paths: EvaluationPaths,
): Promise<{ readonly entries: readonly PageEntry[]; readonly test: boolean }> {
  const { pages, testPages } = indexFiles(spec, paths);
  const trainingParts = pages === undefined ? 0 : partSizes((await readPartTable(pages)).pages).length;
  const isTest = part >= trainingParts;
  const files = isTest ? testPages : pages;
  if (files === undefined) throw new RangeError(`the evaluation has no part ${part}`);
  const { entries } = await readPartPages(files, isTest ? part - trainingParts : part);
  return { entries, test: isTest };
}
