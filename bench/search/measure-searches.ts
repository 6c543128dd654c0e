import type { Collection } from '../../src/collections/collection.ts';
import { findResults } from '../../src/collections/search/find-results.ts';
import type { Database } from '../../src/database/database.ts';
import { elementAt } from '../../src/util/arrays.ts';
import { quantile } from '../runner/rounds.ts';

export const TOP_K = 10;

export interface SearchLatency {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The ids of the panels that a search finds, best first. */
export async function findIds(database: Database, collection: Collection, vector: Float32Array): Promise<string[]> {
  const query = { level: 'panel', topK: TOP_K, exact: false, filters: {}, excludedIds: [], offset: 0 } as const;
  const { results } = await findResults(database, collection, { ...query, vector });
  return results.map(({ id }) => id);
}

/** Searches for all queries in turn, with so many callers that each wait for their results. */
export async function measureLatency<Query>(
  search: (query: Query) => Promise<unknown>,
  queries: readonly Query[],
  callers: number,
  seconds: number,
): Promise<SearchLatency> {
  const latencies: number[] = [];
  const start = performance.now();
  let next = 0;
  const call = async () => {
    while (performance.now() - start < seconds * 1000) {
      const sent = performance.now();
      await search(elementAt(queries, next++ % queries.length));
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return summariseLatencies(latencies, (performance.now() - start) / 1000);
}

export function summariseLatencies(latencies: readonly number[], seconds: number): SearchLatency {
  return {
    perSecond: latencies.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

/** The share of the nearest panels that searches find. */
export function recallOf(found: readonly (readonly string[])[], nearest: readonly (readonly string[])[]): number {
  let hits = 0;
  for (const [query, ids] of found.entries()) {
    const expected = new Set(elementAt(nearest, query));
    hits += ids.filter((id) => expected.has(id)).length;
  }
  return hits / (found.length * TOP_K);
}
