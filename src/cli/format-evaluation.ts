import type { EvaluationResult, Measure } from '../evaluation/evaluation-result.ts';
import { HEADLINE_MEASURES } from '../evaluation/headline-measures.ts';
import { formatInterval, formatValue } from '../evaluation-report/format-measure.ts';

const DASH = '-';

/** The measures of all contenders as a table, with what was claimed and what a reader must know. */
export function formatEvaluation(result: EvaluationResult): string {
  const { contenders, dataset, claims, first_version_failures: failures, notes } = result;
  const rows = HEADLINE_MEASURES.map(({ group, label, read }) => [
    `${group}: ${label}`,
    ...contenders.map((contender) => formatMeasure(read(contender))),
  ]);
  const table = alignColumns([['', ...contenders.map(({ name }) => name)], ...rows]);
  const claimLines = claims.map(({ claim, measure, contender, claimed, measured, left_out: leftOut }) => {
    const found = measured === null ? (leftOut ?? 'not measured') : `${formatShare(measured)} measured`;
    return `claim for ${contender}: ${formatShare(claimed)} on ${claim} over the first version (${measure}): ${found}`;
  });
  return [
    `${dataset.panels} panels of ${dataset.pages} pages in ${dataset.books} books`,
    '',
    ...table,
    '',
    ...claimLines,
    ...failures.map(({ statement }) => `first version: ${statement}`),
    ...notes,
    '',
  ].join('\n');
}

function formatMeasure(measure: Measure): string {
  return 'left_out' in measure ? DASH : `${formatValue(measure.value)} ${formatInterval(measure)}`;
}

function formatShare(share: number): string {
  return `${share >= 0 ? '+' : ''}${(100 * share).toFixed(0)} %`;
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
