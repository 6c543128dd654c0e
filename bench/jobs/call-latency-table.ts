import type { BesideResult } from './call-latency.ts';

const COLUMNS = [
  'threads',
  'calls',
  'without p50',
  'p95',
  'beside p50',
  'p95',
  'of p95',
  'job pages/s',
  'alone',
] as const;

export function besideRows(results: readonly BesideResult[]): string[][] {
  return [[...COLUMNS], ...results.flatMap(rowsOf)];
}

function rowsOf({ threads, alonePagesPerSecond, paces }: BesideResult): string[][] {
  return paces.map(({ pace, without, beside, p95Ratio, pagesPerSecond }) => [
    String(threads),
    pace,
    milliseconds(without.p50Ms),
    milliseconds(without.p95Ms),
    milliseconds(beside.p50Ms),
    milliseconds(beside.p95Ms),
    p95Ratio.toFixed(2),
    pagesPerSecond.toFixed(2),
    alonePagesPerSecond.toFixed(2),
  ]);
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
