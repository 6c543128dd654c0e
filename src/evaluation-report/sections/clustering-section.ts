import {
  CHECKED_VIEWS,
  type CheckedView,
  CLASS_KINDS,
  type ContenderResult,
  type EvaluationResult,
} from '../../evaluation/evaluation-result.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { htmlTable, type TableRow } from '../../report/html-table.ts';
import { LeftOutReasons } from '../format-measure.ts';
import { VIEW_LABELS } from '../labels.ts';

const COLUMNS = [
  'contender and clusters',
  'silhouette',
  ...['NMI', 'ARI'].flatMap((measure) => ['book', 'page', 'page type'].map((criterion) => `${measure}, ${criterion}`)),
];

/** k-means against books, pages and types of pages. */
export function clusteringSection({ contenders }: EvaluationResult): string {
  const reasons = new LeftOutReasons();
  const rows = CHECKED_VIEWS.flatMap((view): TableRow[] => [
    { header: VIEW_LABELS[view], cells: [] },
    ...contenders.flatMap((contender) => contenderRows(contender, view, reasons)),
  ]);
  return `${htmlTable({ caption: 'k-means', columns: COLUMNS, rows })}\n${reasons.list()}`;
}

function contenderRows({ name, clustering }: ContenderResult, view: CheckedView, reasons: LeftOutReasons): TableRow[] {
  const clusterings = clustering[view];
  if ('left_out' in clusterings) {
    const dash = reasons.dash(clusterings.left_out);
    return [{ header: escapeHtml(name), cells: COLUMNS.slice(1).map(() => dash) }];
  }
  return clusterings.map(({ k, choice, silhouette, nmi, ari }) => {
    const measures = [silhouette, ...CLASS_KINDS.map((kind) => nmi[kind]), ...CLASS_KINDS.map((kind) => ari[kind])];
    const clusters = choice === 'books' ? 'one for each book' : `k = ${k}`;
    return { header: escapeHtml(`${name}, ${clusters}`), cells: measures.map((measure) => reasons.cell(measure)) };
  });
}
