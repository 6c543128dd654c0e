import { formatRange } from '../print-report.ts';
import { formatTable } from '../table.ts';
import { SWEPT_ENCODER } from './contestants.ts';
import type { BatchSummary, EncoderSummary, Ratio } from './encoder-summary.ts';

const COLUMNS = [
  { variant: 'fp32', title: 'ours' },
  { variant: 'int8', title: 'ours int8' },
  { variant: 'exported', title: 'exported' },
  { variant: 'pytorch', title: 'PyTorch' },
] as const;

/** Items per second, without the columns of those that did not run. */
export function rateLines(summaries: readonly EncoderSummary[]): string[] {
  const columns = COLUMNS.filter(({ variant }) => summaries.some((summary) => variant in summary.itemsPerSecond));
  const rows = summaries.map(({ encoder, itemsPerSecond }) => [
    encoder,
    ...columns.map(({ variant }) => itemsPerSecond[variant]?.toFixed(1) ?? ''),
  ]);
  return formatTable([['items/s', ...columns.map(({ title }) => title)], ...rows]);
}

export function ratioLines(summaries: readonly EncoderSummary[]): string[] {
  const rows = summaries.flatMap(({ encoder, ratios }) => ratios.map((ratio) => [encoder, ...ratioCells(ratio)]));
  return formatTable([['encoder', 'ratio', 'median', 'rounds', 'aim', ''], ...rows]);
}

function ratioCells({ name, median, byRound, aim }: Ratio): string[] {
  const verdict = aim === undefined ? '' : median >= aim ? 'reached' : 'missed';
  return [name, median.toFixed(2), formatRange(byRound, 2), aim?.toFixed(1) ?? '', verdict];
}

export function closenessLines(summaries: readonly EncoderSummary[]): string[] {
  return summaries.flatMap(({ encoder, int8 }) =>
    int8 === undefined
      ? []
      : [
          `${encoder}, int8 beside fp32: cosine ${int8.minCosine.toFixed(5)} or more, ` +
            `largest difference ${int8.maxDifference.toPrecision(2)}`,
        ],
  );
}

export function batchLine(summaries: readonly BatchSummary[]): string {
  const entries = summaries.map(
    ({ batch, itemsPerSecond, ofFullBatch }) =>
      `${batch}: ${itemsPerSecond.toFixed(1)} items/s (${ofFullBatch.toFixed(2)})`,
  );
  return `${SWEPT_ENCODER}, ours by batch: ${entries.join(', ')}`;
}
