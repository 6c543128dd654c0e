import { formatRange } from '../print-report.ts';
import { median } from '../statistics.ts';
import type { ThroughputRound, ThroughputSettings } from './throughput.ts';

export interface ThroughputSummary extends Pick<ThroughputSettings, 'model' | 'threads'> {
  readonly pages: number;
  readonly panels: number;
  readonly rawPanelsPerSecond: number;
  readonly panelsPerSecond: number;
  /** Median of the rounds' ratios to the raw loop */
  readonly ofRaw: number;
  readonly ofRawByRound: readonly number[];
  readonly firstSeconds: number;
  readonly againSeconds: number;
  /** Median of the rounds' ratios of the first run's time to that of the second */
  readonly againFaster: number;
  readonly againFasterByRound: readonly number[];
}

export function summariseThroughput(
  { model, threads }: Pick<ThroughputSettings, 'model' | 'threads'>,
  rounds: readonly ThroughputRound[],
): ThroughputSummary {
  const rate = ({ first }: ThroughputRound) => first.panels / first.seconds;
  const ratios = rounds.map((round) => rate(round) / round.rawPanelsPerSecond);
  const faster = rounds.map(({ first, again }) => first.seconds / again.seconds);
  return {
    model,
    threads,
    pages: rounds[0]!.first.pages,
    panels: rounds[0]!.first.panels,
    rawPanelsPerSecond: median(rounds.map(({ rawPanelsPerSecond }) => rawPanelsPerSecond)),
    panelsPerSecond: median(rounds.map(rate)),
    ofRaw: median(ratios),
    ofRawByRound: ratios,
    firstSeconds: median(rounds.map(({ first }) => first.seconds)),
    againSeconds: median(rounds.map(({ again }) => again.seconds)),
    againFaster: median(faster),
    againFasterByRound: faster,
  };
}

const COLUMNS = ['model', 'threads', 'panels', 'raw/s', 'job/s', 'of raw', 'rounds'] as const;
const AGAIN_COLUMNS = ['first s', 'new head s', 'faster', 'rounds'] as const;

export function throughputRows(summaries: readonly ThroughputSummary[]): string[][] {
  const rows = summaries.map((summary) => [
    summary.model,
    String(summary.threads),
    String(summary.panels),
    summary.rawPanelsPerSecond.toFixed(1),
    summary.panelsPerSecond.toFixed(1),
    summary.ofRaw.toFixed(3),
    formatRange(summary.ofRawByRound, 3),
    summary.firstSeconds.toFixed(1),
    summary.againSeconds.toFixed(2),
    `${summary.againFaster.toFixed(1)}x`,
    formatRange(summary.againFasterByRound, 1),
  ]);
  return [[...COLUMNS, ...AGAIN_COLUMNS], ...rows];
}
