import type { HistorySeries } from './history-series.ts';
import type { ThinnedSeries } from './thinned-series.ts';

export interface ChartLine {
  readonly name: string;
  readonly series: ThinnedSeries;
  /** Lines of one colour belong together: a loss in training and in validation. */
  readonly color: string;
  readonly dashed: boolean;
  readonly axis: 'left' | 'right';
}

export interface Chart {
  readonly title: string;
  readonly over: 'step' | 'epoch';
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
type Entry = readonly [name: string, series: ThinnedSeries];

/** The charts that have a title of their own; each name goes to the first that takes it. */
const CHARTS: readonly {
  title: string;
  over: Kind;
  takes: (name: string) => boolean;
  draw: (entries: Entry[]) => Drawn;
}[] = [
  { title: 'Training losses', over: 'step', takes: (name) => LOSS.test(name), draw: plain },
  {
    title: 'Gradient norm and learning rate',
    over: 'step',
    takes: (name) => name === 'grad_norm' || name === 'learning_rate',
    draw: ownAxes,
  },
  { title: 'Retrieval', over: 'epoch', takes: (name) => RETRIEVAL.test(name), draw: shares },
  {
    title: 'Validation losses',
    over: 'epoch',
    takes: (name) => VALIDATION.test(name) || LOSS.test(name),
    draw: validationOverTraining,
  },
];

type Drawn = Pick<Chart, 'lines' | 'range'>;

/**
 * What there is to draw of a history. A name that belongs to none of the known charts gets one of its own, so that a measure
 * that is new shows without a change here. Names without any finite value are left out.
 */
export function historyCharts(series: HistorySeries): readonly Chart[] {
  const left = { step: drawable(series.step), epoch: drawable(series.epoch) };
  const known = CHARTS.flatMap(({ title, over, takes, draw }) => {
    const taken = left[over].filter(([name]) => takes(name));
    left[over] = left[over].filter(([name]) => !takes(name));
    return taken.length === 0 ? [] : [{ title, over, ...draw(taken) }];
  });
  const others = (['step', 'epoch'] as const).flatMap((over) =>
    left[over].map((entry) => ({ title: entry[0], over, ...plain([entry]) })),
  );
  return [...known, ...others];
}

function drawable(series: ReadonlyMap<string, ThinnedSeries>): Entry[] {
  return Array.from(series).filter(([, line]) => line.summary !== null);
}

function plain(entries: readonly Entry[]): Drawn {
  const lines = entries.map(([name, series], at) => line(name, series, at));
  return { lines, range: null };
}

/** Two quantities of different size. */
function ownAxes(entries: readonly Entry[]): Drawn {
  const lines = entries.map(([name, series], at) => line(name, series, at, { axis: at === 0 ? 'left' : 'right' }));
  return { lines, range: null };
}

function shares(entries: readonly Entry[]): Drawn {
  const { lines } = plain(entries);
  return { lines, range: lines.every(({ series }) => series.summary!.highest <= 1) ? [0, 1] : null };
}

/** The mean of an epoch's training steps, where there is one, is the dashed line under the whole one of validation. */
function validationOverTraining(entries: readonly Entry[]): Drawn {
  const terms = [...new Set(entries.map(([name]) => name.replace(VALIDATION, '')))];
  const lines = entries.map(([name, series]) =>
    line(name, series, terms.indexOf(name.replace(VALIDATION, '')), { dashed: !VALIDATION.test(name) }),
  );
  return { lines, range: null };
}

function line(name: string, series: ThinnedSeries, at: number, more: Partial<ChartLine> = {}): ChartLine {
  return { name, series, color: COLORS[at % COLORS.length]!, dashed: false, axis: 'left', ...more };
}
