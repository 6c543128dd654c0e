import { formatRange } from '../print-report.ts';
import { median } from '../statistics.ts';
import { formatTable } from '../table.ts';
import type { TrainJobRound, TrainJobSettings } from './job-rounds.ts';
import { panelForwards } from './original.ts';
import type { TrainRun } from './train-job.ts';

/** Of times and losses the medians of the rounds. */
export interface TrainJobSummary extends TrainRun {
  readonly pages: number;
  readonly epochs: number;
  /** Panels that the original sends through its encoders */
  readonly originalPanelForwards: number;
  readonly originalSeconds: number | undefined;
  /** Of the rounds' ratios of the original's time to ours */
  readonly faster: number | undefined;
  readonly fasterByRound: readonly number[];
}

export function summariseTrainJobs(
  { pages, epochs }: Pick<TrainJobSettings, 'pages' | 'epochs'>,
  rounds: readonly TrainJobRound[],
): TrainJobSummary {
  const { panels, steps } = rounds[0]!;
  const medianOf = (select: (round: TrainJobRound) => number) => median(rounds.map(select));
  const originals = rounds.flatMap(({ originalSeconds }) => originalSeconds ?? []);
  const ratios = rounds.flatMap(({ seconds, originalSeconds }) => (originalSeconds ? [originalSeconds / seconds] : []));
  return {
    pages,
    panels,
    epochs,
    steps,
    seconds: medianOf(({ seconds }) => seconds),
    indexing: medianOf(({ indexing }) => indexing),
    encoding: medianOf(({ encoding }) => encoding),
    training: medianOf(({ training }) => training),
    firstLoss: medianOf(({ firstLoss }) => firstLoss),
    lastLoss: medianOf(({ lastLoss }) => lastLoss),
    originalPanelForwards: panelForwards({ pages, panels, epochs }),
    originalSeconds: originals.length > 0 ? median(originals) : undefined,
    faster: ratios.length > 0 ? median(ratios) : undefined,
    fasterByRound: ratios,
  };
}

const COLUMNS = ['pages', 'panels', 'epochs', 'job s', 'indexing', 'encoding', 'training', 'loss'] as const;
const ORIGINAL_COLUMNS = ['original s', 'faster', 'rounds'] as const;

export function trainJobLines(summary: TrainJobSummary, aim: number): string[] {
  const { pages, panels, epochs, seconds, indexing, encoding, training, firstLoss, lastLoss } = summary;
  const { originalPanelForwards, originalSeconds, faster, fasterByRound } = summary;
  const cells = [
    ...[pages, panels, epochs].map(String),
    ...[seconds, indexing, encoding, training].map((value) => value.toFixed(1)),
    `${firstLoss.toFixed(2)} to ${lastLoss.toFixed(2)}`,
  ];
  if (originalSeconds === undefined || faster === undefined) {
    return [...formatTable([[...COLUMNS], cells]), 'no original beside it: --pytorch was not given'];
  }
  const originalCells = [originalSeconds.toFixed(0), `${faster.toFixed(0)}x`, formatRange(fasterByRound, 0)];
  return [
    ...formatTable([
      [...COLUMNS, ...ORIGINAL_COLUMNS],
      [...cells, ...originalCells],
    ]),
    `original: ${originalPanelForwards} panels through all encoders at the rates of PyTorch, and nothing else`,
    `aim: ${aim}x as fast or more: ${faster >= aim ? 'reached' : 'missed'}`,
  ];
}
