import { createHash } from 'node:crypto';
import { PanelvecError } from '../../errors.ts';
import type { Collection } from '../collection.ts';
import type { SearchQuery } from './search-query.ts';

/** How deep a search goes: results so far down are unlike the query, and each costs as much as all before it. */
export const MAX_DEPTH = 1000;

/** The place in the results of a query where the next ones begin. */
interface CursorContent {
  readonly offset: number;
  /** The number of the collection, which another index job of the same name changes */
  readonly collection: number;
  readonly query: string;
}

const CURSOR_PATTERN = /^(\d{1,6})\.(\d{1,15})\.([\w-]+)$/;
const HASH_LENGTH = 22;

/** The offset of the results that a query asks for. @throws PanelvecError invalid_request naming `cursor` */
export function readOffset(query: SearchQuery, collection: Pick<Collection, 'id' | 'name'>): number {
  if (query.cursor === undefined) return 0;
  const cursor = parseCursor(query.cursor);
  if (cursor === undefined) throw cursorError('this is not a next_cursor of a search');
  if (cursor.collection !== collection.id)
    throw cursorError(
      `the cursor is of another collection, or "${collection.name}" was indexed again since: leave it out`,
    );
  if (cursor.query !== hashQuery(query)) throw cursorError('this is the cursor of another query');
  if (cursor.offset + query.topK > MAX_DEPTH)
    throw cursorError(`a search goes ${MAX_DEPTH} results deep: say more in the query, or filter`);
  return cursor.offset;
}

/** The cursor of the results from `offset` on; null where a search does not go so deep. */
export function formatCursor(query: SearchQuery, collection: Pick<Collection, 'id'>, offset: number): string | null {
  if (offset + query.topK > MAX_DEPTH) return null;
  return Buffer.from(`${offset}.${collection.id}.${hashQuery(query)}`).toString('base64url');
}

function parseCursor(cursor: string): CursorContent | undefined {
  const [, offset, collection, query] = CURSOR_PATTERN.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (offset === undefined || collection === undefined || query === undefined) return undefined;
  return { offset: Number(offset), collection: Number(collection), query };
}

/** A hash of everything that decides the results of a query and their order. */
function hashQuery({ cursor: _, image, weights, filters, ...query }: SearchQuery): string {
  const picture = image && createHash('sha256').update(image.bytes).digest('hex');
  const sorted = (fields: object) => Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  const content = JSON.stringify([sorted(query), picture, sorted(weights), sorted(filters)]);
  return createHash('sha256').update(content).digest('base64url').slice(0, HASH_LENGTH);
}

function cursorError(message: string): PanelvecError {
  return new PanelvecError('invalid_request', message, { param: 'cursor' });
}
