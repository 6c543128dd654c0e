import type { Database } from '../../database/database.ts';
import type { Collection } from '../collection.ts';
import { tablesOf } from '../collection-tables.ts';
import { decodeVector } from '../vector-format.ts';

/** Rows of one statement: an embedded database does nothing else meanwhile. */
const ROWS_PER_STATEMENT = 250;

/** Panels with their vectors, row by row. */
export interface MapRows {
  readonly panels: readonly MapPanel[];
  readonly vectors: Float32Array;
}

export interface MapPanel {
  readonly id: string;
  readonly book: string;
  readonly pageType: string;
}

/**
 * The first panels of a collection by id, in batches. Ids are hashes, so the first of them are a random sample, and nearly the same
 * one when the collection is made again.
 */
export async function* readMapRows(
  database: Database,
  collection: Pick<Collection, 'id' | 'dimensions'>,
  maxRows: number,
): AsyncGenerator<MapRows> {
  let lastId = '';
  for (let count = 0; count < maxRows; ) {
    const { rows } = await database.query<{ id: string; book: string; page_type: string; vector: Buffer }>(
      `SELECT id, book, page_type, halfvec_send(embedding) AS vector FROM ${tablesOf(collection).panels}
        WHERE id > $1 ORDER BY id LIMIT $2`,
      [lastId, Math.min(ROWS_PER_STATEMENT, maxRows - count)],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    const vectors = new Float32Array(rows.length * collection.dimensions);
    for (const [row, { vector }] of rows.entries()) vectors.set(decodeVector(vector), row * collection.dimensions);
    yield { panels: rows.map(({ id, book, page_type }) => ({ id, book, pageType: page_type })), vectors };
    lastId = last.id;
    count += rows.length;
  }
}
