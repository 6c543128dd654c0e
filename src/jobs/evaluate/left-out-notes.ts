import { readFile } from 'node:fs/promises';
import type { IndexReport } from '../../datasets/index-report.ts';
import { describeReasons } from '../pages/page-report.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import { indexFiles } from './evaluation-pages.ts';
import type { EvaluationPaths } from './evaluation-paths.ts';

/**
 * Names pages that are labelled or listed, and not in the evaluation. Those of types that the dataset does not want, and those
 * over its limit, are not missed.
 */
export async function leftOutNotes(spec: EvaluateSpec, paths: EvaluationPaths): Promise<string[]> {
  const { pages, testPages } = indexFiles(spec, paths);
  const notes: string[] = [];
  for (const [field, files] of [['dataset', pages] as const, ['test_pss_labels', testPages] as const]) {
    if (files === undefined) continue;
    const { skipped, examples }: IndexReport = JSON.parse(await readFile(files.indexReport, 'utf8'));
    const { page_type: _, over_limit: __, ...missed } = skipped;
    const reasons = describeReasons(missed, examples);
    if (reasons !== '') notes.push(`Pages of ${field} were left out: ${reasons}.`);
  }
  return notes;
}
