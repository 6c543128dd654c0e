import type { Database } from '../../database/database.ts';
import type { Collection } from '../collection.ts';
import { tablesOf } from '../collection-tables.ts';
import { formatVector } from '../vector-format.ts';
import { indexedVector, queryType } from '../vector-index.ts';
import type { StatementSettings } from './query-with-settings.ts';

type Kind = Pick<Database, 'isEmbedded'>;

/** Panels that are few enough to be compared one by one, in the time of a search by the index */
const MIN_EXACT_PANELS = 1000;
const MIN_EF_SEARCH = 200;
/** Candidates that a search among 100,000 panels compares to find 0.98 of the ten nearest, also by words */
const EF_SEARCH_OF_100K = 300;
/** pgvector takes no more. */
const MAX_EF_SEARCH = 1000;
/** Tuples that a search by the index visits for a filter; pgvector's 20,000 would end it before a page type that is rare */
const MAX_SCAN_TUPLES = 100_000;
/** Below the time after which the client gives up, so that the server ends the query too */
const STATEMENT_TIMEOUT_MS = 15_000;

/** What the nearest panels of a collection are sought by. */
export interface NearestQuery {
  /** A table `query` with the vector of the query, so that its thousands of digits stand in a statement once */
  readonly vectorSql: string;
  /** The distance of a row of panels to it, 1 - cosine, by the expression that the index has */
  readonly distance: string;
  /** A condition over the rows of panels */
  readonly condition: string;
  /** Whether every panel that fits the condition is compared */
  readonly isExact: boolean;
}

export interface RowRange {
  readonly limit: number;
  readonly offset: number;
}

/**
 * Up to how many panels are compared one by one. With a filter that `matches` panels fit, the index visits about
 * `topK * panels / matches` of them: as many as there are matches, where these are the root of `topK * panels`.
 */
export function maxExactPanels({ panels }: Pick<Collection, 'panels'>, topK: number): number {
  return Math.max(MIN_EXACT_PANELS, Math.ceil(Math.sqrt(topK * panels)));
}

/** The settings of a search that compares all panels. */
export function exactSettings(): StatementSettings {
  // Compiling a query takes longer than running it.
  return { jit: 'off', statement_timeout: STATEMENT_TIMEOUT_MS };
}

/**
 * The settings of a search by the index. They depend on nothing but the collection and how many panels are wanted at a time: then a
 * search that goes deeper begins with the same panels, and a cursor leads to no panel twice.
 */
export function indexSettings({ panels }: Pick<Collection, 'panels'>, wantedPanels: number): StatementSettings {
  // A million panels need twice the candidates that 100,000 need (0025-vector-index.md).
  const candidates = Math.round(EF_SEARCH_OF_100K * 2 ** Math.log10(panels / 100_000));
  return {
    ...exactSettings(),
    'hnsw.ef_search': Math.min(MAX_EF_SEARCH, Math.max(MIN_EF_SEARCH, candidates, 2 * wantedPanels)),
    'hnsw.iterative_scan': 'strict_order',
    'hnsw.max_scan_tuples': MAX_SCAN_TUPLES,
    // The index alone gives rows in order. The planner takes distances to be cheap, and would compare all and sort.
    enable_sort: 'off',
  };
}

/** @param vector of unit length @param condition over the rows of panels */
export function toNearestQuery(
  kind: Kind,
  collection: Pick<Collection, 'dimensions'>,
  query: Pick<NearestQuery, 'condition' | 'isExact'> & { readonly vector: Float32Array },
): NearestQuery {
  const { vector, condition, isExact } = query;
  return {
    vectorSql: `query AS MATERIALIZED (SELECT '${formatVector(vector)}'::${queryType(kind, collection)} AS vector)`,
    distance: `${indexedVector(kind, collection)} <=> (SELECT vector FROM query)`,
    condition,
    isExact,
  };
}

/** A SELECT of the ids, pages and distances of the nearest panels, nearest first; of all panels without a range. */
export function nearestPanelsSql(
  collection: Pick<Collection, 'id'>,
  { distance, condition, isExact }: NearestQuery,
  range: RowRange | null,
): string {
  const { panels } = tablesOf(collection);
  const scan = `SELECT id, page, ${distance} AS distance FROM ${panels} WHERE ${condition}`;
  const limit = range === null ? '' : `LIMIT ${range.limit} OFFSET ${range.offset}`;
  // OFFSET 0 keeps the planner from ordering by the index, and from computing distances twice.
  return isExact
    ? `SELECT * FROM (${scan} OFFSET 0) AS scanned ORDER BY distance, id ${limit}`
    : `${scan} ORDER BY ${distance} ${limit}`;
}
