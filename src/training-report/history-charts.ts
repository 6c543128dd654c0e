import { chartColor } from '../report/chart-colors.ts';
import type { DownsampledSeries, SeriesSummary } from './downsampled-series.ts';
import type { HistorySeries } from './history-series.ts';

export interface ChartLine {
  readonly name: string;
  readonly series: DownsampledSeries;
  readonly summary: SeriesSummary;
  /** Lines of one colour belong together, such as a loss in training and in validation */
  readonly color: string;
  readonly dashed: boolean;
  readonly axis: 'left' | 'right';
}

export interface Chart {
  readonly title: string;
  readonly xAxis: 'step' | 'epoch';
  readonly lines: readonly ChartLine[];
  /** The ends of the y axis where they are known beforehand */
  readonly range: readonly [lowest: number, highest: number] | null;
}

/** Losses and their terms, whatever they are called in full. */
const LOSS = /(^|_)(loss|contrastive|reconstruction|alignment)$/;
const VALIDATION = /^validation_/;
/** Fractions between 0 and 1. */
const RETRIEVAL = /(^|_)(recall|precision)(_|$)/;

type Entry = Pick<ChartLine, 'name' | 'series' | 'summary'>;
type ChartContent = Pick<Chart, 'lines' | 'range'>;

interface ChartKind extends Pick<Chart, 'title' | 'xAxis'> {
  readonly matches: (name: string) => boolean;
  readonly makeContent: (entries: readonly Entry[]) => ChartContent;
}

/** Charts with a title of their own. A name belongs to the first that matches it. */
const CHARTS: readonly ChartKind[] = [
  { title: 'Training losses', xAxis: 'step', matches: (name) => LOSS.test(name), makeContent: singleAxisContent },
  {
    title: 'Gradient norm and learning rate',
    xAxis: 'step',
    matches: (name) => name === 'grad_norm' || name === 'learning_rate',
    makeContent: twoAxesContent,
  },
  { title: 'Retrieval', xAxis: 'epoch', matches: (name) => RETRIEVAL.test(name), makeContent: fractionContent },
  {
    title: 'Validation losses',
    xAxis: 'epoch',
    matches: (name) => VALIDATION.test(name) || LOSS.test(name),
    makeContent: validationContent,
  },
];

/**
 * The charts of a history. A name that belongs to none of the known charts gets one of its own, so that a new metric shows
 * without a change here. Names without a finite value are left out.
 */
export function historyCharts(series: HistorySeries): readonly Chart[] {
  const remaining = { step: withFiniteValues(series.step), epoch: withFiniteValues(series.epoch) };
  const knownCharts = CHARTS.flatMap(({ title, xAxis, matches, makeContent }) => {
    const matching = remaining[xAxis].filter(({ name }) => matches(name));
    remaining[xAxis] = remaining[xAxis].filter(({ name }) => !matches(name));
    return matching.length === 0 ? [] : [{ title, xAxis, ...makeContent(matching) }];
  });
  const others = (['step', 'epoch'] as const).flatMap((xAxis) =>
    remaining[xAxis].map((entry) => ({ title: entry.name, xAxis, ...singleAxisContent([entry]) })),
  );
  return [...knownCharts, ...others];
}

function withFiniteValues(series: ReadonlyMap<string, DownsampledSeries>): Entry[] {
  return [...series].flatMap(([name, line]) =>
    line.summary === null ? [] : [{ name, series: line, summary: line.summary }],
  );
}

function singleAxisContent(entries: readonly Entry[]): ChartContent {
  return { lines: entries.map((entry, i) => makeLine(entry, i)), range: null };
}

/** Two quantities of different size. */
function twoAxesContent(entries: readonly Entry[]): ChartContent {
  return { lines: entries.map((entry, i) => makeLine(entry, i, { axis: i === 0 ? 'left' : 'right' })), range: null };
}

function fractionContent(entries: readonly Entry[]): ChartContent {
  const { lines } = singleAxisContent(entries);
  return { lines, range: lines.every(({ summary }) => summary.highest <= 1) ? [0, 1] : null };
}

/** Draws the mean over an epoch's training steps dashed, and the validation of the same loss solid in the same colour. */
function validationContent(entries: readonly Entry[]): ChartContent {
  const terms = [...new Set(entries.map(({ name }) => name.replace(VALIDATION, '')))];
  const lines = entries.map((entry) =>
    makeLine(entry, terms.indexOf(entry.name.replace(VALIDATION, '')), { dashed: !VALIDATION.test(entry.name) }),
  );
  return { lines, range: null };
}

function makeLine(entry: Entry, colorIndex: number, overrides: Partial<ChartLine> = {}): ChartLine {
  return { ...entry, color: chartColor(colorIndex), dashed: false, axis: 'left', ...overrides };
}
