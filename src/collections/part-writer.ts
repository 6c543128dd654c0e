import { randomUUID } from 'node:crypto';
import type { Database } from '../database/database.ts';
import type { Queryable } from '../database/transaction.ts';
import { PanelvecError } from '../errors.ts';
import type { Collection, CollectionPage } from './collection.ts';
import { tablesOf } from './collection-tables.ts';
import { insertPages, insertPanels, toPageRow, toPanelRow } from './part-rows.ts';
import { retryWhileUnreachable } from './retry-while-unreachable.ts';
import { rowsPerStatement } from './vector-index.ts';

const PAGES_PER_STATEMENT = 100;

type PartState = 'complete' | 'writing' | 'lost';

/** Whether all rows of a part are there. */
export async function isPartComplete(database: Queryable, collection: Collection, part: number): Promise<boolean> {
  const { rowCount } = await database.query(
    'SELECT 1 FROM panelvec.collection_parts WHERE collection_id = $1 AND part = $2 AND is_complete',
    [collection.id, part],
  );
  return rowCount === 1;
}

/**
 * Writes the pages and panels of a part, unless it is complete. A worker that was stopped for longer than its lease may wake up
 * while another writes the same part. So each attempt has a number, only the latest one writes, and a part is complete when
 * that one has counted its rows; the other begins again, or finds the part complete.
 */
export async function writePart(
  database: Database,
  collection: Collection,
  part: number,
  pages: readonly CollectionPage[],
  signal: AbortSignal,
): Promise<void> {
  const retry = <T>(operation: () => Promise<T>) => retryWhileUnreachable(operation, signal);
  const pageRows = pages.map(toPageRow);
  const panels = pages.flatMap((page) => page.panels.map((panel) => toPanelRow(page, panel)));
  for (let state: PartState = 'lost'; state === 'lost'; ) {
    const attempt = randomUUID();
    state = await retry(() => beginPart(database, collection, part, attempt));
    if (state === 'complete') return;
    const [panelStatement, pageStatement] = [insertPanels(collection), insertPages(collection)];
    for (const batch of inBatches(panels, rowsPerStatement(database)))
      await retry(() => database.query(panelStatement, [part, attempt, JSON.stringify(batch)]));
    for (const batch of inBatches(pageRows, PAGES_PER_STATEMENT))
      await retry(() => database.query(pageStatement, [part, attempt, JSON.stringify(batch)]));
    const counts = { pages: pages.length, panels: panels.length };
    state = await retry(() => completePart(database, collection, part, attempt, counts));
  }
}

/** Takes the part over from earlier attempts, and removes what they left. */
function beginPart(database: Database, collection: Collection, part: number, attempt: string): Promise<PartState> {
  const tables = tablesOf(collection);
  return database.transaction(async (queries) => {
    const { rows } = await queries.query<{ is_complete: boolean }>(
      `INSERT INTO panelvec.collection_parts AS parts (collection_id, part, attempt) VALUES ($1, $2, $3)
        ON CONFLICT (collection_id, part) DO UPDATE
          SET attempt = CASE WHEN parts.is_complete THEN parts.attempt ELSE excluded.attempt END
        RETURNING is_complete`,
      [collection.id, part, attempt],
    );
    if (rows[0]?.is_complete) return 'complete';
    await queries.query(`DELETE FROM ${tables.panels} WHERE part = $1`, [part]);
    await queries.query(`DELETE FROM ${tables.pages} WHERE part = $1`, [part]);
    return 'writing';
  });
}

/** Marks the part as complete, if this attempt has written all of it. */
function completePart(
  database: Database,
  collection: Collection,
  part: number,
  attempt: string,
  expected: { readonly pages: number; readonly panels: number },
): Promise<PartState> {
  const tables = tablesOf(collection);
  return database.transaction(async (queries) => {
    const { rows } = await queries.query<{ attempt: string; is_complete: boolean }>(
      'SELECT attempt, is_complete FROM panelvec.collection_parts WHERE collection_id = $1 AND part = $2 FOR UPDATE',
      [collection.id, part],
    );
    const [row] = rows;
    if (row?.is_complete) return 'complete';
    if (row?.attempt !== attempt) return 'lost';
    const [pages, panels] = [
      await countRows(queries, tables.pages, part),
      await countRows(queries, tables.panels, part),
    ];
    if (pages !== expected.pages || panels !== expected.panels) {
      const problem = `part ${part} has ${pages} pages and ${panels} panels in place of ${expected.pages} and ${expected.panels}`;
      throw new PanelvecError('internal', `${problem}: two pages may have the same id`);
    }
    await queries.query(
      'UPDATE panelvec.collection_parts SET is_complete = true WHERE collection_id = $1 AND part = $2',
      [collection.id, part],
    );
    return 'complete';
  });
}

async function countRows(queries: Queryable, table: string, part: number): Promise<number> {
  const { rows } = await queries.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM ${table} WHERE part = $1`,
    [part],
  );
  return rows[0]?.count ?? 0;
}

function inBatches<T>(rows: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size));
}
