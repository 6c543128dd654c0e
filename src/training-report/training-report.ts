import { writeFileAtomic } from '../files/atomic-write.ts';
import { escapeHtml } from '../report/escape-html.ts';
import { formatNumber } from '../report/format-number.ts';
import { htmlDocument } from '../report/html-document.ts';
import { readHistory } from '../training/history/history-file.ts';
import type { HistoryRecord } from '../training/history/history-record.ts';
import { MAX_UNAVERAGED_POINTS, renderChartSvg } from './chart-svg.ts';
import { type Chart, type ChartLine, historyCharts } from './history-charts.ts';
import { writeHistoryCsv } from './history-csv.ts';
import { collectSeries } from './history-series.ts';

export interface ReportFiles {
  /** The history to report */
  readonly history: string;
  readonly historyCsv: string;
  readonly report: string;
}

/**
 * Writes the report of a training, and its history as CSV.
 * @param scratch a folder of the same file system, for temporary files
 */
export async function writeTrainingReport(
  files: ReportFiles,
  scratch: string,
  options: Omit<ReportOptions, 'records'>,
): Promise<void> {
  const readRecords = () => readHistory(files.history);
  await writeHistoryCsv(readRecords, files.historyCsv, scratch);
  await writeFileAtomic(files.report, await reportHtml({ ...options, records: readRecords() }), scratch);
}

export interface ReportOptions {
  readonly title: string;
  /** Name and value, in the order in which they are shown */
  readonly facts: readonly (readonly [string, string])[];
  readonly records: AsyncIterable<HistoryRecord> | Iterable<HistoryRecord>;
  /** Paragraphs before the charts */
  readonly notes?: readonly string[];
}

/**
 * The report of a training as one HTML file that needs neither network nor scripts: its facts, and a chart for each group of
 * values in its history. A history of any length takes bounded memory and makes a file of bounded size. The same options make
 * the same bytes. All texts are plain text: markup in them is escaped.
 */
export async function reportHtml({ title, facts, records, notes = [] }: ReportOptions): Promise<string> {
  const charts = historyCharts(await collectSeries(records));
  const figures = charts.length === 0 ? ['<p>There is nothing to draw yet.</p>'] : charts.map(chartSection);
  const content = [factsTable(facts), ...notes.map((note) => `<p>${escapeHtml(note)}</p>`), ...figures].join('\n');
  return htmlDocument({ title, content });
}

function factsTable(facts: ReportOptions['facts']): string {
  if (facts.length === 0) return '';
  const rows = facts.map(
    ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table class="facts"><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}

function chartSection(chart: Chart, index: number): string {
  const label = escapeHtml(`${chart.title} by ${chart.xAxis}`);
  const description = escapeHtml(`${chart.lines.map(describeLine).join('. ')}.`);
  const isAveraged = chart.lines.some(({ series }) => series.length > MAX_UNAVERAGED_POINTS);
  const hint = isAveraged ? '<p class="hint">Thin: lowest and highest values. Thick: their moving average.</p>\n' : '';
  return `<section>
<h2>${escapeHtml(chart.title)}</h2>
<figure>
<div class="picture">${renderChartSvg(chart, { id: `chart${index}`, label, description })}</div>
<figcaption>
${hint}${legend(chart)}
</figcaption>
</figure>
</section>`;
}

function describeLine({ name, summary: { first, last, lowest, highest } }: ChartLine): string {
  const ends = `from ${formatNumber(first)} to ${formatNumber(last)}`;
  return `${name} goes ${ends}, between ${formatNumber(lowest)} and ${formatNumber(highest)}`;
}

function legend({ lines }: Chart): string {
  const rows = lines.map(({ name, summary, color, dashed, axis }) => {
    const { first, last, lowest, highest } = summary;
    const numbers = [first, last, lowest, highest].map((value) => `<td>${formatNumber(value)}</td>`).join('');
    const key = `<span class="key" style="border-top:3px ${dashed ? 'dashed' : 'solid'} ${color}"></span>`;
    const side = axis === 'right' ? ' (right axis)' : '';
    return `<tr><th scope="row">${key}${escapeHtml(name)}${side}</th>${numbers}</tr>`;
  });
  const head = ['', 'first', 'last', 'lowest', 'highest'].map((name) => `<th scope="col">${name}</th>`).join('');
  return `<table class="legend"><thead><tr>${head}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}
