import { AVERAGED_FROM, chartPicture } from './chart-picture.ts';
import { type Chart, type ChartLine, historyCharts } from './history-charts.ts';
import { collectSeries } from './history-series.ts';
import { formatNumber } from './numbers.ts';
import type { HistoryRecord } from './record.ts';
import { REPORT_STYLE } from './report-style.ts';

export interface ReportOptions {
  readonly title: string;
  /** Name and value, in the order in which they are shown. */
  readonly facts: readonly (readonly [string, string])[];
  readonly records: AsyncIterable<HistoryRecord> | Iterable<HistoryRecord>;
  /** Paragraphs before the pictures. */
  readonly notes?: readonly string[];
}

/**
 * A training's history as one HTML file that needs neither network nor scripts: its facts, and a picture for each group of
 * values that the records have. A history of any length takes bounded memory and makes a file of bounded size; the same
 * options make the same bytes. All texts are plain text: whatever is markup in them is shown as it is.
 */
export async function reportHtml({ title, facts, records, notes = [] }: ReportOptions): Promise<string> {
  const charts = historyCharts(await collectSeries(records));
  const figures = charts.length === 0 ? ['<p>There is nothing to draw yet.</p>'] : charts.map(figure);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
${REPORT_STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${[factsTable(facts), ...notes.map((note) => `<p>${escaped(note)}</p>`), ...figures].join('\n')}
</main>
</body>
</html>
`;
}

function factsTable(facts: ReportOptions['facts']): string {
  if (facts.length === 0) return '';
  const rows = facts.map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  return `<table class="facts"><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}

function figure(chart: Chart, at: number): string {
  const label = escaped(`${chart.title} by ${chart.over}`);
  const description = escaped(`${chart.lines.map(described).join('. ')}.`);
  const averaged = chart.lines.some(({ series }) => series.length > AVERAGED_FROM);
  const hint = averaged ? '<p class="hint">Thin: lowest and highest values. Thick: their moving average.</p>\n' : '';
  return `<section>
<h2>${escaped(chart.title)}</h2>
<figure>
<div class="picture">${chartPicture(chart, { id: `chart${at}`, label, description })}</div>
<figcaption>
${hint}${legend(chart)}
</figcaption>
</figure>
</section>`;
}

function described({ name, series }: ChartLine): string {
  const { first, last, lowest, highest } = series.summary!;
  const [from, to, low, high] = [first, last, lowest, highest].map((value) => formatNumber(value));
  return `${name} goes from ${from} to ${to}, between ${low} and ${high}`;
}

function legend({ lines }: Chart): string {
  const rows = lines.map(({ name, series, color, dashed, axis }) => {
    const { first, last, lowest, highest } = series.summary!;
    const numbers = [first, last, lowest, highest].map((value) => `<td>${formatNumber(value)}</td>`).join('');
    const key = `<span class="key" style="border-top:3px ${dashed ? 'dashed' : 'solid'} ${color}"></span>`;
    const side = axis === 'right' ? ' (right axis)' : '';
    return `<tr><th scope="row">${key}${escaped(name)}${side}</th>${numbers}</tr>`;
  });
  const head = ['', 'first', 'last', 'lowest', 'highest'].map((name) => `<th scope="col">${name}</th>`).join('');
  return `<table class="legend"><thead><tr>${head}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
