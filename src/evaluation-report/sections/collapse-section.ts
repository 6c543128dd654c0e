import {
  CHECKED_VIEWS,
  type CheckedView,
  type ContenderResult,
  type EvaluationResult,
} from '../../evaluation/evaluation-result.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { htmlTable, type TableRow } from '../../report/html-table.ts';
import { LeftOutReasons } from '../format-measure.ts';
import { VERDICT_LABELS, VIEW_LABELS } from '../labels.ts';

const COLUMNS = ['contender', 'same page', 'other pages', 'any two', 'text aligned', 'verdict'];

/** Whether all vectors are nearly the same, by the check of the original's tool. */
export function collapseSection({ contenders }: EvaluationResult): string {
  const reasons = new LeftOutReasons();
  const rows = CHECKED_VIEWS.flatMap((view): TableRow[] => [
    { header: VIEW_LABELS[view], cells: [] },
    ...contenders.map((contender) => contenderRow(contender, view, reasons)),
  ]);
  return `<p>Mean cosines of pairs of panels. Over 0.90 on one page the original's tool speaks of a collapse, over 0.80 of similar vectors; below 0.30 of texts beside their pictures, of a weak alignment.</p>
${htmlTable({ caption: 'Collapse check', columns: COLUMNS, rows })}
${reasons.list()}`;
}

function contenderRow({ name, collapse }: ContenderResult, view: CheckedView, reasons: LeftOutReasons): TableRow {
  const header = escapeHtml(name);
  const measures = collapse[view];
  if ('left_out' in measures) {
    const dash = reasons.dash(measures.left_out);
    return { header, cells: COLUMNS.slice(1).map(() => dash) };
  }
  const { within_page, between_pages, all_pairs, alignment, verdict } = measures;
  const cells = [within_page, between_pages, all_pairs, alignment].map((measure) => reasons.cell(measure));
  return { header, cells: [...cells, verdict === null ? '–' : VERDICT_LABELS[verdict]] };
}
