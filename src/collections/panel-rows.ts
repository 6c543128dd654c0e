import type { Queryable } from '../database/transaction.ts';
import type { PageImage } from '../datasets/page-list/page-list.ts';
import { PanelvecError } from '../errors.ts';
import type { Collection } from './collection.ts';
import { tablesOf } from './collection-tables.ts';
import { withoutNul } from './without-nul.ts';

/** A panel as a collection has it, without its vector. */
export interface PanelRow {
  readonly id: string;
  readonly canonical_id: string;
  readonly book: string;
  readonly page_type: string;
  readonly page: number;
  readonly panel: number;
  readonly number: number | null;
  readonly box: readonly number[];
  readonly text: string | null;
}

/** The columns of a PanelRow, of the tables `panels` and `pages` joined by their pages. */
export const PANEL_COLUMNS =
  'panels.id, pages.canonical_id, panels.book, panels.page_type, panels.page, panels.panel, panels.number, panels.box, panels.text';

/** A panel with what else is stored of it and of its page. */
export interface PanelDetail extends PanelRow {
  readonly summary: string;
  readonly image: PageImage | null;
  /** Shares of vision, text and composition */
  readonly gate: readonly number[] | null;
}

/** @throws PanelvecError not_found */
export async function getPanel(
  database: Queryable,
  collection: Pick<Collection, 'id' | 'name'>,
  id: string,
): Promise<PanelDetail> {
  const { panels, pages } = tablesOf(collection);
  const { rows } = await database.query<PanelDetail>(
    `SELECT ${PANEL_COLUMNS}, panels.gate, pages.summary, pages.image
      FROM ${panels} AS panels JOIN ${pages} AS pages USING (page) WHERE panels.id = $1`,
    [withoutNul(id)],
  );
  const [row] = rows;
  if (row !== undefined) return row;
  throw new PanelvecError('not_found', `the collection "${collection.name}" has no panel "${id}"`, { param: 'id' });
}

/** The panels of some ids, in the order of the ids. Ids that the collection lacks are left out. */
export async function findPanels(
  database: Queryable,
  collection: Pick<Collection, 'id'>,
  ids: readonly string[],
): Promise<PanelRow[]> {
  const { panels, pages } = tablesOf(collection);
  const { rows } = await database.query<PanelRow>(
    `SELECT ${PANEL_COLUMNS} FROM ${panels} AS panels JOIN ${pages} AS pages USING (page) WHERE panels.id = ANY($1)`,
    [ids.map(withoutNul)],
  );
  const rowsById = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => rowsById.get(id) ?? []);
}
