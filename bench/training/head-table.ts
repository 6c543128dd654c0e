import { formatRange } from '../print-report.ts';
import { median } from '../statistics.ts';
import { formatTable } from '../table.ts';
import { VARIANTS, type Variant } from './head-objectives.ts';
import type { HeadContest, HeadRound } from './head-rounds.ts';

export interface HeadSummary {
  readonly parameters: number;
  readonly ours: readonly VariantSummary[];
  readonly pytorchStepsPerSecond: number | undefined;
}

interface VariantSummary {
  readonly variant: Variant;
  readonly stepsPerSecond: number;
  /** Mean of the first window, and of the last */
  readonly firstLoss: number;
  readonly lastLoss: number;
  /** Median of the rounds' multiples of PyTorch's steps per second; undefined where it did not run */
  readonly ofPytorch: number | undefined;
  readonly ofPytorchByRound: readonly number[];
}

export function summariseHead({ parameters, rounds }: HeadContest): HeadSummary {
  const peers = rounds.flatMap(({ pytorch }) => pytorch ?? []);
  return {
    parameters,
    ours: VARIANTS.map((variant) => summariseVariant(variant, rounds)),
    pytorchStepsPerSecond: peers.length > 0 ? median(peers) : undefined,
  };
}

function summariseVariant(variant: Variant, rounds: readonly HeadRound[]): VariantSummary {
  const windows = rounds.map(({ ours }) => ours[variant]);
  const ratios = rounds.flatMap(({ ours, pytorch }) => (pytorch ? [ours[variant].stepsPerSecond / pytorch] : []));
  return {
    variant,
    stepsPerSecond: median(windows.map(({ stepsPerSecond }) => stepsPerSecond)),
    firstLoss: windows[0]!.loss,
    lastLoss: windows.at(-1)!.loss,
    ofPytorch: ratios.length > 0 ? median(ratios) : undefined,
    ofPytorchByRound: ratios,
  };
}

const NAMES: Readonly<Record<Variant, string>> = {
  original: "the original's objectives",
  panelvec: "all of panelvec's objectives",
};

export function headLines({ ours, pytorchStepsPerSecond }: HeadSummary, aim: number): string[] {
  const rows = ours.map(({ variant, stepsPerSecond, firstLoss, lastLoss, ofPytorch, ofPytorchByRound }) => [
    NAMES[variant],
    stepsPerSecond.toFixed(1),
    ofPytorch?.toFixed(2) ?? '',
    ofPytorch ? formatRange(ofPytorchByRound, 2) : '',
    `${firstLoss.toFixed(3)} to ${lastLoss.toFixed(3)}`,
  ]);
  if (pytorchStepsPerSecond !== undefined) rows.push(['PyTorch', pytorchStepsPerSecond.toFixed(1), '1', '', '']);
  return [
    ...formatTable([['head alone', 'steps/s', 'of PyTorch', 'rounds', 'loss'], ...rows]),
    verdict(ours.find(({ variant }) => variant === 'original')!, aim),
  ];
}

function verdict({ ofPytorch }: VariantSummary, aim: number): string {
  if (ofPytorch === undefined) return 'no PyTorch beside it: --pytorch-head was not given';
  return `aim: ${aim} of PyTorch or more with ${NAMES.original}: ${ofPytorch >= aim ? 'reached' : 'missed'}`;
}
