import type { Comparison, EvaluationResult } from '../../evaluation/evaluation-result.ts';
import { HEADLINE_MEASURES, measureLabel } from '../../evaluation/headline-measures.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { formatNumber } from '../../report/format-number.ts';
import { htmlTable } from '../../report/html-table.ts';
import { formatInterval, formatPercent, formatSigned } from '../format-measure.ts';

const COLUMNS = ['measure', 'difference', 'relative', 'better / worse', 'p of the sign test', 'reading'];

/** Contenders against each other, panel by panel: a table for each pair. */
export function comparisonsSection({ comparisons }: EvaluationResult): string {
  if (comparisons.length === 0) return '<p>There is nothing to compare: only one contender was measured.</p>';
  const pairs = Map.groupBy(comparisons, ({ contender, baseline }) => `${contender} against ${baseline}`);
  const tables = Array.from(pairs, ([caption, rows]) =>
    htmlTable({ caption, columns: COLUMNS, rows: rows.map(comparisonRow) }),
  );
  return `<p>A difference is that of the same panels. It is called clear if its 95 % interval leaves out zero.</p>\n${tables.join('\n')}`;
}

function comparisonRow(comparison: Comparison) {
  const { measure, difference, relative, sign_test } = comparison;
  return {
    header: escapeHtml(measureLabel(measure)),
    cells: [
      `${formatSigned(difference.value)} <span class="interval">${formatInterval(difference)}</span>`,
      relative === null ? '–' : formatSigned(relative, formatPercent),
      sign_test === null ? '–' : `${sign_test.better} / ${sign_test.worse}`,
      sign_test === null ? '–' : formatNumber(sign_test.p, 2),
      reading(comparison),
    ],
  };
}

function reading({ measure, difference: { value, low, high } }: Comparison): string {
  if (low <= 0 && high >= 0) return 'no clear difference';
  const isLowerBetter = HEADLINE_MEASURES.find(({ name }) => name === measure)?.better === 'lower';
  return value > 0 === !isLowerBetter ? 'clearly better' : 'clearly worse';
}
