import { bookOfPage } from '../../datasets/identifiers.ts';
import type { PageEntry } from '../../datasets/index-pages.ts';
import type { JobPlan, TaskContext } from '../job-kind.ts';
import { assertNotEmpty } from '../pages/assert-not-empty.ts';
import { hashDatasetFiles } from '../pages/hash-files.ts';
import { type PageIndex, type PageIndexFiles, writePageIndex } from '../pages/page-index-file.ts';
import { PAGES_PER_PART, partSizes } from '../train/train-plan-step.ts';
import { beginEvaluation, loadSpaces, prepareEvaluationFolder } from './begun-evaluation.ts';
import { listContenders } from './contenders.ts';
import { countFolds } from './count-folds.ts';
import { distinctEncoders } from './encoder-sets.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import { indexFiles } from './evaluation-pages.ts';
import { evaluationPaths } from './evaluation-paths.ts';
import { assertOutputAvailable } from './resolve-evaluate.ts';

/**
 * The first step of a job: indexes the pages, and apart from them those that the dataset holds out.
 * @throws PanelvecError dataset_invalid without pages, or with too few books for the folds
 */
export async function planEvaluate(spec: EvaluateSpec, context: TaskContext): Promise<JobPlan> {
  const { home } = context.resources;
  assertOutputAvailable(home, spec.output);
  const paths = evaluationPaths(home, spec.output);
  await prepareEvaluationFolder(paths, spec);
  const { pages, testPages } = indexFiles(spec, paths);
  const testIds = new Set<string>();
  const books = new Set<string>();
  const indexes: PageIndex[] = [];
  if (testPages !== undefined) {
    // The limit does not apply to the ids: a page that is named here must never be trained on.
    const limit = spec.dataset.limit ?? Number.POSITIVE_INFINITY;
    const isWanted = ({ canonicalId }: PageEntry) => testIds.add(canonicalId).size <= limit;
    const dataset = { ...spec.dataset, pss_labels: spec.test_pss_labels, limit: null };
    indexes.push(await writeIndex(testPages, dataset, 'test_pss_labels', isWanted, context));
  }
  if (pages !== undefined) {
    const isWanted = ({ canonicalId }: PageEntry) => {
      if (testIds.has(canonicalId)) return false;
      books.add(bookOfPage(canonicalId));
      return true;
    };
    indexes.unshift(await writeIndex(pages, spec.dataset, 'dataset.pss_labels', isWanted, context));
  }
  if (testPages === undefined) countFolds(spec, books.size);
  const contenders = await listContenders(spec, context.resources);
  const files: string[] = [];
  for (const index of [pages, testPages])
    if (index !== undefined) files.push(await hashDatasetFiles(spec.dataset, index, context));
  await beginEvaluation(paths, context.jobId, {
    pages: indexes.map(({ sha256 }) => sha256),
    files,
    spaces: await loadSpaces(spec, context.resources),
    encoders: distinctEncoders(contenders).map(({ key }) => key),
  });
  const parts = indexes.flatMap(({ pages }) => partSizes(pages));
  const pageCount = parts.reduce((sum, count) => sum + count, 0);
  return { partSizes: parts, maxBadPages: Math.floor(spec.max_bad_pages * pageCount) };
}

async function writeIndex(
  files: PageIndexFiles,
  dataset: EvaluateSpec['dataset'],
  param: string,
  isWanted: (page: PageEntry) => boolean,
  context: TaskContext,
): Promise<PageIndex> {
  const index = await writePageIndex(files, dataset, PAGES_PER_PART, context, isWanted);
  try {
    await assertNotEmpty(index, dataset.only_narrative ? 'narrative page' : 'page', param, context);
    await index.commit();
    return index;
  } catch (error) {
    await index.discard();
    throw error;
  }
}
