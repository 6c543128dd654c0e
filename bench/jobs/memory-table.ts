import type { MemoryResult } from './memory.ts';

const KINDS = ['panelvec-api', 'panelvec-worker', 'panelvec-engine', 'panelvec-database'] as const;

/** Sizes below each other; MB at their peak. */
export function memoryRows(results: readonly MemoryResult[]): string[][] {
  const rows = results.map(({ pages, run, peaks }) => [
    String(pages),
    run.seconds.toFixed(1),
    (run.pages / run.seconds).toFixed(0),
    ...KINDS.map((kind) => peaks[kind]!.toFixed(0)),
  ]);
  return [['pages', 'seconds', 'pages/s', ...KINDS.map((kind) => `${kind} MB`)], ...rows];
}
