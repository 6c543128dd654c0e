import type { Database } from '../database/database.ts';
import { PanelvecError } from '../errors.ts';
import type { Collection, CollectionFacets, FacetValue } from './collection.ts';
import { tablesOf } from './collection-tables.ts';

/** Books in the facets of a collection. */
const MAX_BOOKS = 1000;

/** What a collection holds, as its record says. */
export type CollectionCounts = Pick<Collection, 'pages' | 'panels'> & { readonly facets: CollectionFacets };

/**
 * Counts what a collection holds. The table of its pages tells: it is small, and a query over all vectors would make searches of
 * the embedded database wait.
 */
export async function countCollection(database: Database, collection: Collection): Promise<CollectionCounts> {
  const { pages } = tablesOf(collection);
  const { rows } = await database.query<{ pages: number; panels: number; books: number }>(
    `SELECT count(*)::integer AS pages, coalesce(sum(panels), 0)::integer AS panels,
        count(DISTINCT book) FILTER (WHERE panels > 0)::integer AS books FROM ${pages}`,
  );
  const { pages: pageCount = 0, panels = 0, books = 0 } = rows[0] ?? {};
  const facets = {
    books: await countPanels(database, pages, 'book'),
    booksTotal: books,
    pageTypes: await countPanels(database, pages, 'page_type'),
  };
  return { pages: pageCount, panels, facets };
}

/** The values of a column with their panels, the most frequent first. */
async function countPanels(database: Database, table: string, column: 'book' | 'page_type'): Promise<FacetValue[]> {
  const { rows } = await database.query<FacetValue & { [column: string]: unknown }>(
    `SELECT ${column} AS value, sum(panels)::integer AS panels FROM ${table} WHERE panels > 0
      GROUP BY ${column} ORDER BY panels DESC, value LIMIT ${MAX_BOOKS}`,
  );
  return rows.map(({ value, panels }) => ({ value, panels }));
}

/** @throws PanelvecError if not all parts of a collection are complete */
export async function assertComplete(database: Database, collection: Collection, parts: number): Promise<void> {
  const { rows } = await database.query<{ complete: number }>(
    'SELECT count(*)::integer AS complete FROM panelvec.collection_parts WHERE collection_id = $1 AND is_complete',
    [collection.id],
  );
  const complete = rows[0]?.complete ?? 0;
  if (complete !== parts) throw new PanelvecError('internal', `${complete} of ${parts} parts are in the collection`);
}
