import type { ContenderResult, EvaluationResult, Measure } from '../../evaluation/evaluation-result.ts';
import { HEADLINE_MEASURES, type HeadlineMeasure } from '../../evaluation/headline-measures.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { htmlTable, type TableRow } from '../../report/html-table.ts';
import { LeftOutReasons } from '../format-measure.ts';
import { KIND_LABELS } from '../labels.ts';

/** The table of the headline measures: a row for each, a column for each contender. */
export function resultsSection({ contenders }: EvaluationResult): string {
  const reasons = new LeftOutReasons();
  const groups = [...new Set(HEADLINE_MEASURES.map(({ group }) => group))];
  const rows = groups.flatMap((group): TableRow[] => [
    { header: group, cells: [] },
    ...HEADLINE_MEASURES.filter((measure) => measure.group === group).map((measure) => ({
      header: `${escapeHtml(measure.label)} ${measure.better === 'higher' ? '↑' : '↓'}`,
      cells: measureCells(measure, contenders, reasons),
    })),
  ]);
  const columns = ['measure', ...contenders.map(({ name, kind }) => `${name} (${KIND_LABELS[kind]})`)];
  const bold =
    contenders.length < 2 ? '' : ' Bold: the best value of a row, whether or not it is clearly better than the next.';
  return `${htmlTable({ caption: 'Measures with their 95 % intervals', columns, rows })}
<p class="hint">↑ higher is better, ↓ lower is better.${bold}</p>
${reasons.list()}`;
}

function measureCells(
  measure: HeadlineMeasure,
  contenders: readonly ContenderResult[],
  reasons: LeftOutReasons,
): string[] {
  const measures = contenders.map(measure.read);
  const best = bestValue(measures, measure.better);
  return measures.map((value) => reasons.cell(value, { isBest: 'value' in value && value.value === best }));
}

function bestValue(measures: readonly Measure[], better: HeadlineMeasure['better']): number | undefined {
  const values = measures.flatMap((measure) => ('left_out' in measure ? [] : [measure.value]));
  if (values.length < 2) return undefined;
  return better === 'higher' ? Math.max(...values) : Math.min(...values);
}
