import type { Database } from '../../database/database.ts';
import type { Collection } from '../collection.ts';
import { tablesOf } from '../collection-tables.ts';
import { PANEL_COLUMNS, type PanelRow } from '../panel-rows.ts';
import { indexedVector } from '../vector-index.ts';
import { type NearestQuery, nearestPanelsSql, type RowRange } from './nearest-panels.ts';

/**
 * Cosine from which a panel counts as nearly the same as another. Of the 88,000 pairs of a comic of 420 panels, the most alike have 0.84.
 * Saved again as a JPEG of quality 75, all panels but one have 0.95 or more to themselves; at half the size and quality 90, four of five
 * have (compact@4; compact@3 is alike).
 */
const NEAR_DUPLICATE_COSINE = 0.95;

/** A panel that was found. */
export interface FoundPanel extends PanelRow {
  /** 1 - cosine */
  readonly distance: number;
  /** Its place in the order of the search, from 1. That of the index differs from that of distances in the fourth digit. */
  readonly rank: number;
  /** How many were sought and found: one more than there are rows where there are more results */
  readonly chosen: number;
  /** The id of the first panel of the same results that is nearly the same and before it */
  readonly near_duplicate_of: string | null;
}

export interface ScoredId {
  readonly id: string;
  readonly distance: number;
}

/** A page that was found, as its best panel. */
export interface FoundPage extends FoundPanel {
  /** The panels of the page that fit the filters, in no order */
  readonly page_panels: readonly ScoredId[];
}

/** A statement for the nearest panels but the last, which only tells that there are more. Its rows are FoundPanels, in no order. */
export function foundPanelsSql(
  database: Pick<Database, 'isEmbedded'>,
  collection: Collection,
  query: NearestQuery,
  range: RowRange,
): string {
  return `
    WITH ${query.vectorSql}, ${chosenSql(nearestPanelsSql(collection, query, range))}, ${hitsSql(database, collection, range.limit)}
    SELECT ${FOUND_COLUMNS} FROM ${hitsWithPages(collection)}`;
}

/** The same for pages, chosen from the `depth` nearest panels; from all where it is null. Its rows are FoundPages, in no order. */
export function foundPagesSql(
  database: Pick<Database, 'isEmbedded'>,
  collection: Collection,
  query: NearestQuery,
  depth: number | null,
  range: RowRange,
): string {
  return `
    WITH ${query.vectorSql}, nearest AS MATERIALIZED (${nearestPanelsSql(collection, query, depth === null ? null : { limit: depth, offset: 0 })}),
    best AS (SELECT DISTINCT ON (page) id, page, distance FROM nearest ORDER BY page, distance, id),
    ${chosenSql(`SELECT * FROM best ORDER BY distance, id LIMIT ${range.limit} OFFSET ${range.offset}`)},
    ${hitsSql(database, collection, range.limit)}
    SELECT ${FOUND_COLUMNS},
      (SELECT json_agg(json_build_object('id', id, 'distance', ${query.distance})) FROM ${tablesOf(collection).panels} AS others
        WHERE others.page = panels.page AND ${query.condition}) AS page_panels
    FROM ${hitsWithPages(collection)}`;
}

/** The chosen panels, with their ranks. */
function chosenSql(ordered: string): string {
  return `chosen AS MATERIALIZED (SELECT *, row_number() OVER ()::integer AS rank FROM (${ordered}) AS ordered)`;
}

/** The chosen panels but the last of `limit`, with all their columns, and with their vectors as they are compared. */
function hitsSql(database: Pick<Database, 'isEmbedded'>, collection: Collection, limit: number): string {
  return `
    hits AS MATERIALIZED (
      SELECT rows.*, chosen.distance, chosen.rank, ${indexedVector(database, collection)} AS vector
      FROM chosen CROSS JOIN LATERAL (${rowSql(tablesOf(collection).panels, 'id = chosen.id')}) AS rows WHERE rank < ${limit}
    )`;
}

function hitsWithPages(collection: Collection): string {
  return `hits AS panels CROSS JOIN LATERAL (${rowSql(tablesOf(collection).pages, 'page = panels.page')}) AS pages`;
}

/** A SELECT of one row. The limit keeps the planner from a join, for which it would read the whole table. */
function rowSql(table: string, condition: string): string {
  return `SELECT * FROM ${table} WHERE ${condition} LIMIT 1`;
}

const FOUND_COLUMNS = `
  ${PANEL_COLUMNS}, panels.distance, panels.rank, (SELECT count(*)::integer FROM chosen) AS chosen,
  (SELECT earlier.id FROM hits AS earlier
    WHERE (earlier.distance, earlier.rank) < (panels.distance, panels.rank)
      AND earlier.vector <=> panels.vector <= ${1 - NEAR_DUPLICATE_COSINE}
    ORDER BY earlier.distance, earlier.rank LIMIT 1) AS near_duplicate_of`;
