import pg from 'pg';
import { type Database, sqlStateOf } from '../../database/database.ts';
import { PanelvecError } from '../../errors.ts';
import type { Collection } from '../collection.ts';
import { exactSettings, indexSettings, maxExactPanels, toNearestQuery } from './nearest-panels.ts';
import { queryWithSettings, type StatementSettings } from './query-with-settings.ts';
import { countMatches, filterSql } from './search-filters.ts';
import type { SearchQuery } from './search-query.ts';
import { type FoundPage, type FoundPanel, foundPagesSql, foundPanelsSql, type ScoredId } from './search-rows.ts';

/** A panel, or the best panel of a page. */
export interface FoundResult extends FoundPanel {
  /** At the level of pages: the panels of the page that fit the filters, best first */
  readonly page_panels?: readonly ScoredId[];
}

export interface FoundResults {
  /** Best first */
  readonly results: readonly FoundResult[];
  readonly hasMore: boolean;
  /** Whether every panel that fits the filters was compared */
  readonly isExact: boolean;
}

export interface VectorQuery extends Pick<SearchQuery, 'level' | 'topK' | 'exact' | 'filters'> {
  /** Of unit length */
  readonly vector: Float32Array;
  readonly excludedIds: readonly string[];
  readonly offset: number;
}

/** About how many panels a page has: a search for pages begins with so many for each */
const PANELS_PER_PAGE = 4;
const MAX_PANELS_OF_PAGES = 16_000;
/** SQLSTATE of a statement that took too long */
const QUERY_CANCELED = '57014';

/**
 * Finds the panels or pages nearest to a vector: by the index, or by comparing all where the query says so or few fit its filters.
 * @throws PanelvecError invalid_request naming the filter that no panel fits
 */
export async function findResults(
  database: Database,
  collection: Collection,
  query: VectorQuery,
): Promise<FoundResults> {
  const maxExact = maxExactPanels(collection, query.topK);
  const matches = await countMatches(database, collection, query.filters, maxExact + 1);
  const isExact = query.exact || matches <= maxExact;
  try {
    const rows = await findRows(database, collection, query, isExact);
    // There are more, but the index gave up before it found them.
    const isShort = !isExact && rows.length < query.topK;
    const found = isShort ? await findRows(database, collection, query, true) : rows;
    const results = found.toSorted((a, b) => compareDistances(a, b) || a.rank - b.rank);
    return { results, hasMore: (found[0]?.chosen ?? 0) > query.topK, isExact: isExact || isShort };
  } catch (cause) {
    if (sqlStateOf(cause) !== QUERY_CANCELED) throw cause;
    const message = 'the search took too long: filter by book, or leave `exact` out';
    throw new PanelvecError('search_unavailable', message, { cause });
  }
}

/** The results in no order. */
async function findRows(
  database: Database,
  collection: Collection,
  { level, topK, vector, filters, excludedIds, offset }: VectorQuery,
  isExact: boolean,
): Promise<FoundResult[]> {
  const condition = `${filterSql(filters)}${excludeSql(excludedIds)}`;
  const range = { limit: topK + 1, offset };
  const nearest = toNearestQuery(database, collection, { vector, condition, isExact });
  const run = <Row extends FoundPanel>(settings: StatementSettings, statement: string) =>
    queryWithSettings<Row>(database, isExact ? exactSettings() : settings, statement);
  if (level === 'panel')
    return run<FoundPanel>(indexSettings(collection, topK), foundPanelsSql(database, collection, nearest, range));
  // A deeper search begins with the same panels, so pages keep their order.
  for (let depth = (offset + range.limit) * PANELS_PER_PAGE; ; depth *= PANELS_PER_PAGE) {
    const statement = foundPagesSql(database, collection, nearest, isExact ? null : depth, range);
    const rows = await run<FoundPage>(indexSettings(collection, topK * PANELS_PER_PAGE), statement);
    const isLast = isExact || depth >= Math.min(collection.panels, MAX_PANELS_OF_PAGES);
    if (!isLast && rows[0]?.chosen !== range.limit) continue;
    return rows.map((row) => ({ ...row, page_panels: row.page_panels.toSorted(compareDistances) }));
  }
}

function compareDistances(a: Pick<ScoredId, 'distance'>, b: Pick<ScoredId, 'distance'>): number {
  return a.distance - b.distance;
}

function excludeSql(ids: readonly string[]): string {
  return ids.length === 0 ? '' : ` AND id NOT IN (${ids.map((id) => pg.escapeLiteral(id)).join(', ')})`;
}
