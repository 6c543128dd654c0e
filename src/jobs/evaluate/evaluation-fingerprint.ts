import { hashJson } from '../../util/hash-json.ts';
import type { BegunEvaluation } from './begun-evaluation.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import type { EvaluationSplit } from './evaluation-split.ts';

/** To be raised with every change that gives the same vectors other measures. */
const MEASURES_VERSION = 1;

/**
 * A hash of all that measures depend on except for the contenders: measures of evaluations with an equal one compare. What is
 * searched is that of the folds, so an evaluation with trainings does not compare with one of models alone.
 * @param encoders the key of those that decide which pictures are near-duplicates: the first contender's
 */
export function evaluationFingerprint(
  { pages, files }: Pick<BegunEvaluation, 'pages' | 'files'>,
  { dataset, seed }: Pick<EvaluateSpec, 'dataset' | 'seed'>,
  { panels, folds, facts }: Pick<EvaluationSplit, 'panels' | 'folds' | 'facts'>,
  encoders: string,
): string {
  const { panels: panelOptions, images, max_panels_per_page } = dataset;
  const measured = {
    version: MEASURES_VERSION,
    pages,
    files,
    seed,
    encoders,
    options: { panels: panelOptions, images, max_panels_per_page },
    split: facts.kind,
    panels: panels.map(({ id, description, page_type }) => [id, description, page_type]),
    galleries: folds.map(({ rows }) => rows),
  };
  return hashJson(measured);
}
