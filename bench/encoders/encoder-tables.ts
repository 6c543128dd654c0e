/** What the rounds of the encoders amount to, as figures and as tables. */

import { median } from '../../src/util/arrays.ts';
import { cosineSimilarity } from '../../src/util/vectors.ts';
import { formatRange, formatTable, verdict } from '../runner/report.ts';
import { type RoundsSummary, summariseIfAny } from '../runner/rounds.ts';
import { ENCODERS, type Encoder, type EncoderVariant, type Variant } from './encoder-graphs.ts';
import type { EncoderReady } from './encoder-process.ts';

/** Items of one run, for all programs */
export const BATCH = 8;
/** The engine may cut its batches: our graph of this encoder runs in smaller ones as well. */
const SWEPT_ENCODER: Encoder = 'siglip';
const SMALLER_BATCHES: readonly number[] = [1, 2, 4];

type Program = Variant | 'pytorch';

/** Items per second of one round, by `rateKey`. */
export type EncoderRound = Readonly<Record<string, number>>;

export interface EncoderContest {
  readonly rounds: readonly EncoderRound[];
  /** Features of our graphs for the same input */
  readonly features: readonly (EncoderVariant & EncoderReady)[];
}

export function batchSizes({ encoder, variant }: EncoderVariant): readonly number[] {
  return encoder === SWEPT_ENCODER && variant === 'fp32' ? [...SMALLER_BATCHES, BATCH] : [BATCH];
}

export function rateKey(run: { encoder: string; variant: Program; batch: number }): string {
  return `${run.encoder} ${run.variant} ${run.batch}`;
}

function rateOf(round: EncoderRound, encoder: Encoder, variant: Program, batch = BATCH): number | undefined {
  return round[rateKey({ encoder, variant, batch })];
}

/** Speed of one program as a multiple of another's. */
interface SpeedRatio extends RoundsSummary {
  readonly name: string;
  readonly aim: number | undefined;
}

export interface EncoderSummary {
  readonly encoder: Encoder;
  /** Medians by program */
  readonly itemsPerSecond: Readonly<Partial<Record<Program, number>>>;
  readonly ratios: readonly SpeedRatio[];
  /** int8 beside fp32 */
  readonly int8: Similarity | undefined;
}

/** How close two matrices of the same rows are. */
interface Similarity {
  /** Of the row that differs most in direction */
  readonly minCosine: number;
  /** Of one number */
  readonly maxDifference: number;
}

const PROGRAMS = [
  { variant: 'fp32', title: 'ours' },
  { variant: 'int8', title: 'ours int8' },
  { variant: 'exported', title: 'exported' },
  { variant: 'pytorch', title: 'PyTorch' },
] as const;

const RATIOS: readonly {
  readonly name: string;
  readonly of: Program;
  readonly to: Program;
  readonly aims: Readonly<Partial<Record<Encoder, number>>>;
}[] = [
  { name: 'ours/exported', of: 'fp32', to: 'exported', aims: { siglip: 1.1, resnet: 1, minilm: 1.1 } },
  { name: 'ours/PyTorch', of: 'fp32', to: 'pytorch', aims: { siglip: 1.5, resnet: 1.5, minilm: 1.5 } },
  { name: 'int8/fp32', of: 'int8', to: 'fp32', aims: { siglip: 2.2 } },
];

export function summariseEncoders({ rounds, features }: EncoderContest): EncoderSummary[] {
  return ENCODERS.map((encoder) => {
    const featuresOf = (variant: Variant) =>
      features.find((entry) => entry.encoder === encoder && entry.variant === variant)?.features;
    const [fp32, int8] = [featuresOf('fp32'), featuresOf('int8')];
    return {
      encoder,
      itemsPerSecond: medianRates(rounds, encoder),
      ratios: speedRatios(rounds, encoder),
      int8: fp32 && int8 && similarity(int8, fp32),
    };
  });
}

function medianRates(rounds: readonly EncoderRound[], encoder: Encoder): EncoderSummary['itemsPerSecond'] {
  const medians: Partial<Record<Program, number>> = {};
  for (const { variant } of PROGRAMS) {
    const rates = summariseIfAny(rounds.map((round) => rateOf(round, encoder, variant)));
    if (rates) medians[variant] = rates.median;
  }
  return medians;
}

/** Ratios of the programs that both ran. */
function speedRatios(rounds: readonly EncoderRound[], encoder: Encoder): SpeedRatio[] {
  return RATIOS.flatMap(({ name, of, to, aims }) => {
    const ratios = rounds.map((round) => {
      const [rate, otherRate] = [rateOf(round, encoder, of), rateOf(round, encoder, to)];
      return rate === undefined || otherRate === undefined ? undefined : rate / otherRate;
    });
    const summary = summariseIfAny(ratios);
    return summary ? [{ name, ...summary, aim: aims[encoder] }] : [];
  });
}

function similarity(a: readonly number[], b: readonly number[]): Similarity {
  const width = a.length / BATCH;
  const row = (values: readonly number[], i: number) => values.slice(i * width, (i + 1) * width);
  const cosines = Array.from({ length: BATCH }, (_, i) => cosineSimilarity(row(a, i), row(b, i)));
  const maxDifference = a.reduce((max, value, i) => Math.max(max, Math.abs(value - (b[i] ?? Number.NaN))), 0);
  return { minCosine: Math.min(...cosines), maxDifference };
}

interface BatchSummary {
  readonly batch: number;
  readonly itemsPerSecond: number;
  /** Median of the rounds' ratios to the full batch */
  readonly ofFullBatch: number;
}

/** Summarises the one encoder that ran in all batch sizes. */
export function summariseBatches(rounds: readonly EncoderRound[]): BatchSummary[] {
  const rate = (round: EncoderRound, batch: number) => rateOf(round, SWEPT_ENCODER, 'fp32', batch) ?? Number.NaN;
  return [...SMALLER_BATCHES, BATCH].map((batch) => ({
    batch,
    itemsPerSecond: median(rounds.map((round) => rate(round, batch))),
    ofFullBatch: median(rounds.map((round) => rate(round, batch) / rate(round, BATCH))),
  }));
}

/** Items per second, without the columns of programs that did not run. */
export function formatRates(summaries: readonly EncoderSummary[]): string[] {
  const columns = PROGRAMS.filter(({ variant }) => summaries.some((summary) => variant in summary.itemsPerSecond));
  const rows = summaries.map(({ encoder, itemsPerSecond }) => [
    encoder,
    ...columns.map(({ variant }) => itemsPerSecond[variant]?.toFixed(1) ?? ''),
  ]);
  return formatTable([['items/s', ...columns.map(({ title }) => title)], ...rows]);
}

export function formatRatios(summaries: readonly EncoderSummary[]): string[] {
  const rows = summaries.flatMap(({ encoder, ratios }) => ratios.map((ratio) => [encoder, ...ratioCells(ratio)]));
  return formatTable([['encoder', 'ratio', 'median', 'rounds', 'aim', ''], ...rows]);
}

function ratioCells({ name, median, byRound, aim }: SpeedRatio): string[] {
  const aimCells = aim === undefined ? ['', ''] : [aim.toFixed(1), verdict(median, aim)];
  return [name, median.toFixed(2), formatRange(byRound, 2), ...aimCells];
}

export function formatSimilarities(summaries: readonly EncoderSummary[]): string[] {
  return summaries.flatMap(({ encoder, int8 }) =>
    int8 === undefined
      ? []
      : [
          `${encoder}, int8 beside fp32: cosine ${int8.minCosine.toFixed(5)} or more, ` +
            `largest difference ${int8.maxDifference.toPrecision(2)}`,
        ],
  );
}

export function formatBatches(summaries: readonly BatchSummary[]): string {
  const entries = summaries.map(
    ({ batch, itemsPerSecond, ofFullBatch }) =>
      `${batch}: ${itemsPerSecond.toFixed(1)} items/s (${ofFullBatch.toFixed(2)})`,
  );
  return `${SWEPT_ENCODER}, ours by batch: ${entries.join(', ')}`;
}
