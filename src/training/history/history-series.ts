import type { HistoryRecord } from './record.ts';
import { ThinnedSeries } from './thinned-series.ts';

/** By name, in the order of first appearance. */
export interface HistorySeries {
  /** Over optimiser steps. */
  readonly step: ReadonlyMap<string, ThinnedSeries>;
  /** Over epochs. */
  readonly epoch: ReadonlyMap<string, ThinnedSeries>;
}

/** One pass over the records, in memory that does not grow with them. */
export async function collectSeries(
  records: AsyncIterable<HistoryRecord> | Iterable<HistoryRecord>,
): Promise<HistorySeries> {
  const series = { step: new Map<string, ThinnedSeries>(), epoch: new Map<string, ThinnedSeries>() };
  for await (const record of records) {
    const { kind, values } = record;
    for (const name of Object.keys(values)) {
      const line = series[kind].get(name) ?? new ThinnedSeries();
      series[kind].set(name, line);
      line.add(record[kind], values[name]!);
    }
  }
  return series;
}
