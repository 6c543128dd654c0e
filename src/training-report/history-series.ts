import type { HistoryRecord } from '../training/history/history-record.ts';
import { DownsampledSeries } from './downsampled-series.ts';

/** By name, in the order of first appearance. */
export interface HistorySeries {
  /** Over optimiser steps. */
  readonly step: ReadonlyMap<string, DownsampledSeries>;
  /** Over epochs. */
  readonly epoch: ReadonlyMap<string, DownsampledSeries>;
}

/** One pass over the records, in memory that does not grow with them. */
export async function collectSeries(
  records: AsyncIterable<HistoryRecord> | Iterable<HistoryRecord>,
): Promise<HistorySeries> {
  const series = { step: new Map<string, DownsampledSeries>(), epoch: new Map<string, DownsampledSeries>() };
  for await (const record of records) {
    const { kind, values } = record;
    for (const name of Object.keys(values)) {
      const namedSeries = series[kind].get(name) ?? new DownsampledSeries();
      series[kind].set(name, namedSeries);
      namedSeries.add(record[kind], values[name]!);
    }
  }
  return series;
}
