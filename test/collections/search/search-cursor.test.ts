import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatCursor, readOffset } from '../../../src/collections/search/search-cursor.ts';
import type { SearchQuery } from '../../../src/collections/search/search-query.ts';

const COLLECTION = { id: 7, name: 'c' };
const QUERY: SearchQuery = {
  collection: 'c',
  model: undefined,
  text: 'a cat',
  image: { bytes: Buffer.from('picture'), field: 'image' },
  composition: [1, 2, 3, 4, 5, 6, 7],
  panel: undefined,
  positive: ['a', 'b'],
  negative: [],
  weights: { text: 2, image: 1 },
  level: 'panel',
  topK: 10,
  exact: false,
  filters: { book: 'b', hasText: true },
  cursor: undefined,
};
const CURSOR = formatCursor(QUERY, COLLECTION, 20) ?? '';
const cursorAt = (offset: number) =>
  Buffer.from(Buffer.from(CURSOR, 'base64url').toString().replace(/^\d+/, String(offset))).toString('base64url');

function read(changes: Partial<SearchQuery>, collection = COLLECTION): number {
  return readOffset({ ...QUERY, cursor: CURSOR, ...changes }, collection);
}

describe('a cursor', () => {
  it('leads to its offset with the same query, in whatever order its fields are', () => {
    assert.equal(readOffset(QUERY, COLLECTION), 0);
    assert.equal(read({}), 20);
    assert.equal(read({ weights: { image: 1, text: 2 }, filters: { hasText: true, book: 'b' } }), 20);
    assert.equal(read({ image: { bytes: Buffer.from('picture'), field: 'elsewhere' } }), 20);
  });

  it('is refused with another query', () => {
    const changes: Partial<SearchQuery>[] = [
      { text: 'a dog' },
      { image: { bytes: Buffer.from('other'), field: 'image' } },
      { composition: [1, 2, 3, 4, 5, 6, 8] },
      { positive: ['b', 'a', 'c'] },
      { negative: ['a'] },
      { weights: { text: 1, image: 1 } },
      { level: 'page' },
      { topK: 11 },
      { exact: true },
      { filters: { book: 'b' } },
    ];
    for (const change of changes)
      assert.throws(() => read(change), { code: 'invalid_request', param: 'cursor', message: /another query/ });
  });

  it('is refused where the collection was indexed again', () => {
    assert.throws(() => read({}, { id: 8, name: 'c' }), { param: 'cursor', message: /indexed again/ });
  });

  it('is refused if it is none', () => {
    for (const cursor of ['', 'abc', Buffer.from('1.2').toString('base64url'), `x${CURSOR}`])
      assert.throws(() => read({ cursor }), { code: 'invalid_request', param: 'cursor' });
  });

  it('goes a thousand results deep', () => {
    assert.equal(read({ cursor: cursorAt(990) }), 990);
    assert.throws(() => read({ cursor: cursorAt(991) }), { param: 'cursor', message: /1000/ });
    // A client that goes on until there is no cursor meets no error.
    assert.equal(formatCursor(QUERY, COLLECTION, 990), cursorAt(990));
    assert.equal(formatCursor(QUERY, COLLECTION, 991), null);
  });
});
