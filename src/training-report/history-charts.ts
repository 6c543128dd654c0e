import type { DownsampledSeries } from './downsampled-series.ts';
import type { HistorySeries } from './history-series.ts';

export interface ChartLine {
  readonly name: string;
  readonly series: DownsampledSeries;
  /** Lines of one colour belong together: a loss in training and in validation. */
  readonly color: string;
  readonly dashed: boolean;
  readonly axis: 'left' | 'right';
}

export interface Chart {
  readonly title: string;
  readonly xAxis: 'step' | 'epoch';
  readonly lines: readonly ChartLine[];
  /** The ends of the axis where they are known beforehand. */
  readonly range: readonly [lowest: number, highest: number] | null;
}

/** Seen well on white and on black, and told apart also by most who see fewer colours. */
const COLORS = ['#3b7dd8', '#e07b2a', '#2a9d6f', '#c2528b', '#8a6fd1', '#a98a00', '#1f9fb5', '#d64545'] as const;

/** Parts of the loss, whatever their terms are called in full. */
const LOSS = /(^|_)(loss|contrastive|reconstruction|alignment)$/;
const VALIDATION = /^validation_/;
/** Shares of what was looked for: between 0 and 1. */
const RETRIEVAL = /(^|_)(recall|precision)(_|$)/;

type Kind = 'step' | 'epoch';
type Entry = readonly [name: string, series: DownsampledSeries];

/** The charts that have a title of their own; each name goes to the first that takes it. */
const CHARTS: readonly {
  title: string;
  xAxis: Kind;
  matches: (name: string) => boolean;
  makeContent: (entries: Entry[]) => ChartContent;
}[] = [
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

type ChartContent = Pick<Chart, 'lines' | 'range'>;

/**
 * What there is to draw of a history. A name that belongs to none of the known charts gets one of its own, so that a measure
 * that is new shows without a change here. Names without any finite value are left out.
 */
export function historyCharts(series: HistorySeries): readonly Chart[] {
  const remaining = { step: withFiniteValues(series.step), epoch: withFiniteValues(series.epoch) };
  const knownCharts = CHARTS.flatMap(({ title, xAxis, matches, makeContent }) => {
    const matching = remaining[xAxis].filter(([name]) => matches(name));
    remaining[xAxis] = remaining[xAxis].filter(([name]) => !matches(name));
    return matching.length === 0 ? [] : [{ title, xAxis, ...makeContent(matching) }];
  });
  const others = (['step', 'epoch'] as const).flatMap((xAxis) =>
    remaining[xAxis].map((entry) => ({ title: entry[0], xAxis, ...singleAxisContent([entry]) })),
  );
  return [...knownCharts, ...others];
}

function withFiniteValues(series: ReadonlyMap<string, DownsampledSeries>): Entry[] {
  return Array.from(series).filter(([, line]) => line.summary !== null);
}

function singleAxisContent(entries: readonly Entry[]): ChartContent {
  const lines = entries.map(([name, series], i) => makeLine(name, series, i));
  return { lines, range: null };
}

/** Two quantities of different size. */
function twoAxesContent(entries: readonly Entry[]): ChartContent {
  const lines = entries.map(([name, series], i) => makeLine(name, series, i, { axis: i === 0 ? 'left' : 'right' }));
  return { lines, range: null };
}

function fractionContent(entries: readonly Entry[]): ChartContent {
  const { lines } = singleAxisContent(entries);
  return { lines, range: lines.every(({ series }) => series.summary!.highest <= 1) ? [0, 1] : null };
}

/** The mean of an epoch's training steps, where there is one, is the dashed line under the whole one of validation. */
function validationContent(entries: readonly Entry[]): ChartContent {
  const terms = [...new Set(entries.map(([name]) => name.replace(VALIDATION, '')))];
  const lines = entries.map(([name, series]) =>
    makeLine(name, series, terms.indexOf(name.replace(VALIDATION, '')), { dashed: !VALIDATION.test(name) }),
  );
  return { lines, range: null };
}

function makeLine(
  name: string,
  series: DownsampledSeries,
  colorIndex: number,
  overrides: Partial<ChartLine> = {},
): ChartLine {
  return { name, series, color: COLORS[colorIndex % COLORS.length]!, dashed: false, axis: 'left', ...overrides };
}
