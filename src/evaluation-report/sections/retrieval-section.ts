import type { ContenderResult, EvaluationResult, RetrievalTask } from '../../evaluation/evaluation-result.ts';
import { TASK_LABELS } from '../../evaluation/headline-measures.ts';
import { escapeHtml } from '../../report/escape-html.ts';
import { htmlTable, type TableRow } from '../../report/html-table.ts';
import { formatValue, LeftOutReasons } from '../format-measure.ts';
import { rankHistogram } from '../plots/rank-histogram.ts';
import { figure } from './figure.ts';

/** Tasks whose ranks are drawn: one for each way to search. */
const DRAWN_TASKS = [
  'snapshot_to_stored',
  'lettering_to_stored',
  'description_to_stored',
  'words_to_pictures',
] as const;
const COLUMNS = [
  'contender',
  'recall@1',
  'recall@5',
  'recall@10',
  'MRR',
  'median rank',
  'recall@5 by chance',
  'queries',
];
const TASKS = Object.keys(TASK_LABELS) as RetrievalTask[];

/** How far down the right panel is: histograms of ranks, and all measures of all tasks. */
export function retrievalSection({ contenders }: EvaluationResult): string {
  const reasons = new LeftOutReasons();
  const rows = TASKS.flatMap((task): TableRow[] => [
    { header: escapeHtml(TASK_LABELS[task]), cells: [] },
    ...contenders.map((contender) => taskRow(contender, task, reasons)),
  ]);
  return `<p>Each query has one right panel. The histograms show at which rank it was found; dashed lines show a random order.</p>
${DRAWN_TASKS.map((task) => histogram(contenders, task)).join('\n')}
${htmlTable({ caption: 'All retrieval tasks', columns: COLUMNS, rows })}
${reasons.list()}`;
}

function histogram(contenders: readonly ContenderResult[], task: RetrievalTask): string {
  const rows = contenders.flatMap(({ name, retrieval }, series) => {
    const measures = retrieval[task];
    return 'left_out' in measures || measures.ranks.length === 0 ? [] : [{ name, series, measures }];
  });
  if (rows.length === 0) return '';
  const title = TASK_LABELS[task];
  const picture = rankHistogram({ label: `Ranks of the right panel: ${title}`, rows });
  return `<section><h3>${escapeHtml(title)}</h3>\n${figure(picture)}</section>`;
}

function taskRow({ name, retrieval }: ContenderResult, task: RetrievalTask, reasons: LeftOutReasons): TableRow {
  const header = escapeHtml(name);
  const measures = retrieval[task];
  if ('left_out' in measures) {
    const dash = reasons.dash(measures.left_out);
    return { header, cells: COLUMNS.slice(1).map(() => dash) };
  }
  const { recall_at_1, recall_at_5, recall_at_10, mrr, median_rank, chance_recall_at_5, ranks } = measures;
  const cells = [recall_at_1, recall_at_5, recall_at_10, mrr].map((measure) => reasons.cell(measure));
  const medianCell = reasons.cell(median_rank, { digits: 1 });
  return { header, cells: [...cells, medianCell, formatValue(chance_recall_at_5), String(ranks.length)] };
}
