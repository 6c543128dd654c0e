import type { Queryable } from '../database/transaction.ts';
import type { Collection } from './collection.ts';
import { tablesOf } from './collection-tables.ts';
import type { PanelRow } from './panel-rows.ts';

type PanelOfPage = Pick<PanelRow, 'id' | 'panel' | 'box' | 'text'>;

/** The panels of a page, in their order. */
export async function findPanelsOfPage(
  database: Queryable,
  collection: Pick<Collection, 'id'>,
  page: number,
): Promise<PanelOfPage[]> {
  const { panels } = tablesOf(collection);
  const { rows } = await database.query<PanelOfPage>(
    `SELECT id, panel, box, text FROM ${panels} WHERE page = $1 ORDER BY panel`,
    [page],
  );
  return rows;
}

/** A page beside another, with its first panel. */
export interface NeighbourPage {
  readonly canonical_id: string;
  readonly panel_id: string;
}

/**
 * The pages with panels before and after another, as the dataset lists them; null where the book begins or ends. Only the very
 * next one is looked at: a search for another page of the book could read the whole table.
 */
export async function findNeighbourPages(
  database: Queryable,
  collection: Pick<Collection, 'id'>,
  { page, book }: Pick<PanelRow, 'page' | 'book'>,
): Promise<{ readonly previous: NeighbourPage | null; readonly next: NeighbourPage | null }> {
  const { panels, pages } = tablesOf(collection);
  const beside = (condition: string, order: string) =>
    `(SELECT id, page FROM ${panels} WHERE page ${condition} $1 ORDER BY page ${order}, panel LIMIT 1)`;
  const { rows } = await database.query<NeighbourPage & { page: number; book: string }>(
    `SELECT pages.page, pages.book, pages.canonical_id, beside.id AS panel_id
      FROM (${beside('<', 'DESC')} UNION ALL ${beside('>', 'ASC')}) AS beside JOIN ${pages} AS pages USING (page)`,
    [page],
  );
  const choose = (isWanted: (row: { page: number }) => boolean): NeighbourPage | null => {
    const row = rows.find((candidate) => isWanted(candidate) && candidate.book === book);
    return row ? { canonical_id: row.canonical_id, panel_id: row.panel_id } : null;
  };
  return { previous: choose((row) => row.page < page), next: choose((row) => row.page > page) };
}
