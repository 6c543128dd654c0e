import type { Database } from '../database/database.ts';
import { type Collection, type CollectionPage, panelId } from './collection.ts';
import { tablesOf } from './collection-tables.ts';
import { rowsPerStatement } from './vector-index.ts';
import { withoutNul } from './without-nul.ts';

const PAGES_PER_STATEMENT = 100;

/**
 * Writes the pages and panels of a part. What an earlier attempt left of the part is removed first, and a row that is there
 * already stays: a worker that lost its task may still be writing the same rows.
 */
export async function writePart(
  database: Database,
  collection: Collection,
  part: number,
  pages: readonly CollectionPage[],
  signal: AbortSignal,
): Promise<void> {
  const tables = tablesOf(collection);
  await database.query(`DELETE FROM ${tables.panels} WHERE part = $1`, [part]);
  await database.query(`DELETE FROM ${tables.pages} WHERE part = $1`, [part]);
  const rows = pages.flatMap((page) => page.panels.map((panel) => toRow(page, panel)));
  const size = rowsPerStatement(database);
  for (let start = 0; start < rows.length; start += size) {
    signal.throwIfAborted();
    await database.query(insertPanels(tables.panels), [part, JSON.stringify(rows.slice(start, start + size))]);
  }
  for (let start = 0; start < pages.length; start += PAGES_PER_STATEMENT) {
    signal.throwIfAborted();
    const batch = pages.slice(start, start + PAGES_PER_STATEMENT).map(toPageRow);
    await database.query(insertPages(tables.pages), [part, JSON.stringify(batch)]);
  }
}

function toRow({ canonicalId, page, book, pageType }: CollectionPage, panel: CollectionPage['panels'][number]) {
  const { index, number, box, text, gate, embedding } = panel;
  return {
    id: panelId(canonicalId, index),
    page,
    panel: panel.panel,
    panel_index: index,
    number,
    box: box.map(Math.fround),
    text: withoutNul(text),
    book: withoutNul(book),
    page_type: withoutNul(pageType),
    gate: gate === null ? null : Array.from(gate),
    // pgvector reads its text; as an array it would be parsed twice.
    embedding: `[${embedding.join(',')}]`,
  };
}

function toPageRow({ page, canonicalId, book, pageType, summary, image }: CollectionPage) {
  return {
    page,
    canonical_id: withoutNul(canonicalId),
    book: withoutNul(book),
    page_type: withoutNul(pageType),
    summary: withoutNul(summary),
    image,
  };
}

function insertPanels(table: string): string {
  return `
    INSERT INTO ${table} (id, part, page, panel, panel_index, number, box, text, book, page_type, gate, embedding)
    SELECT id, $1, page, panel, panel_index, number, box, text, book, page_type, gate, embedding::halfvec
    FROM json_to_recordset($2::json) AS rows (id text, page integer, panel smallint, panel_index integer, number integer,
      box real[], text text, book text, page_type text, gate real[], embedding text)
    ON CONFLICT DO NOTHING`;
}

function insertPages(table: string): string {
  return `
    INSERT INTO ${table} (page, part, canonical_id, book, page_type, summary, image)
    SELECT page, $1, canonical_id, book, page_type, summary, image
    FROM json_to_recordset($2::json) AS rows (page integer, canonical_id text, book text, page_type text, summary text,
      image jsonb)
    ON CONFLICT DO NOTHING`;
}
