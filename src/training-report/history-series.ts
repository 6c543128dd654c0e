import type { HistoryRecord } from '../training/history/history-record.ts';
import { DownsampledSeries } from './downsampled-series.ts';

/** Series by name, in the order of first appearance. */
export interface HistorySeries {
  /** Over optimiser steps */
  readonly step: ReadonlyMap<string, DownsampledSeries>;
  /** Over epochs */
  readonly epoch: ReadonlyMap<string, DownsampledSeries>;
}

/** Collects the series of a history in one pass, in memory that does not grow with the number of records. */
export async function collectSeries(
  records: AsyncIterable<HistoryRecord> | Iterable<HistoryRecord>,
): Promise<HistorySeries> {
  const series = { step: new Map<string, DownsampledSeries>(), epoch: new Map<string, DownsampledSeries>() };
  for await (const record of records) {
    const { kind, values } = record;
    for (const [name, value] of Object.entries(values)) {
      const namedSeries = series[kind].get(name) ?? new DownsampledSeries();
      series[kind].set(name, namedSeries);
      namedSeries.add(record[kind], value);
    }
  }
  return series;
}
