import { median } from '../statistics.ts';
import { BATCH, ENCODERS, type Encoder, SMALLER_BATCHES, SWEPT_ENCODER } from './contestants.ts';
import type { EncoderContest, EncoderRound, Rate } from './encoder-rounds.ts';
import { type Similarity, similarity } from './feature-agreement.ts';

/** Speed of one contestant as a multiple of another's. */
export interface Ratio {
  readonly name: string;
  /** Of the rounds' ratios */
  readonly median: number;
  readonly byRound: readonly number[];
  readonly aim: number | undefined;
}

export interface EncoderSummary {
  readonly encoder: Encoder;
  /** Medians, by contestant */
  readonly itemsPerSecond: Readonly<Partial<Record<Rate['variant'], number>>>;
  readonly ratios: readonly Ratio[];
  /** int8 beside fp32 */
  readonly int8: Similarity | undefined;
}

export interface BatchSummary {
  readonly batch: number;
  readonly itemsPerSecond: number;
  /** Median of the rounds' ratios */
  readonly ofFullBatch: number;
}

const VARIANTS: readonly Rate['variant'][] = ['fp32', 'int8', 'exported', 'pytorch'];

const RATIOS: readonly {
  readonly name: string;
  readonly of: Rate['variant'];
  readonly to: Rate['variant'];
  readonly aims: Readonly<Partial<Record<Encoder, number>>>;
}[] = [
  { name: 'ours/exported', of: 'fp32', to: 'exported', aims: { siglip: 1.1, resnet: 1, minilm: 1.1 } },
  { name: 'ours/PyTorch', of: 'fp32', to: 'pytorch', aims: { siglip: 1.5, resnet: 1.5, minilm: 1.5 } },
  { name: 'int8/fp32', of: 'int8', to: 'fp32', aims: { siglip: 2.2 } },
];

export function summariseEncoders({ rounds, features }: EncoderContest): EncoderSummary[] {
  return ENCODERS.map((encoder) => {
    const ours = (variant: Rate['variant']) =>
      features.find((entry) => entry.encoder === encoder && entry.variant === variant)?.features;
    const [fp32, int8] = [ours('fp32'), ours('int8')];
    return {
      encoder,
      itemsPerSecond: mediansOf(rounds, encoder),
      ratios: ratiosOf(rounds, encoder),
      int8: fp32 && int8 && similarity(int8, fp32, BATCH),
    };
  });
}

/** Of the one encoder that ran in all sizes. */
export function summariseBatches(rounds: readonly EncoderRound[]): BatchSummary[] {
  const ratesOf = (batch: number) => rounds.map((round) => rateOf(round, SWEPT_ENCODER, 'fp32', batch)!);
  const full = ratesOf(BATCH);
  return [...SMALLER_BATCHES, BATCH].map((batch) => {
    const rates = ratesOf(batch);
    return {
      batch,
      itemsPerSecond: median(rates),
      ofFullBatch: median(rates.map((rate, i) => rate / full[i]!)),
    };
  });
}

function mediansOf(rounds: readonly EncoderRound[], encoder: Encoder): EncoderSummary['itemsPerSecond'] {
  const medians: Partial<Record<Rate['variant'], number>> = {};
  for (const variant of VARIANTS) {
    const rates = rounds.map((round) => rateOf(round, encoder, variant)).filter((rate) => rate !== undefined);
    if (rates.length > 0) medians[variant] = median(rates);
  }
  return medians;
}

/** Those whose both contestants ran. */
function ratiosOf(rounds: readonly EncoderRound[], encoder: Encoder): Ratio[] {
  return RATIOS.flatMap(({ name, of, to, aims }) => {
    const byRound = rounds.flatMap((round) => {
      const [ours, others] = [rateOf(round, encoder, of), rateOf(round, encoder, to)];
      return ours === undefined || others === undefined ? [] : [ours / others];
    });
    return byRound.length === 0 ? [] : [{ name, median: median(byRound), byRound, aim: aims[encoder] }];
  });
}

function rateOf(round: EncoderRound, encoder: Encoder, variant: Rate['variant'], batch = BATCH): number | undefined {
  return round.find((rate) => rate.encoder === encoder && rate.variant === variant && rate.batch === batch)
    ?.itemsPerSecond;
}
