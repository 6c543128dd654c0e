import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRoute } from '../../../../src/web/app/route.ts';
import {
  hasContent,
  parseQuery,
  queryHref,
  type SearchQuery,
  toSearchRequest,
} from '../../../../src/web/views/search/search-query.ts';

const EMPTY = parseQuery(new URLSearchParams());
const FULL: SearchQuery = {
  collection: 'my comics',
  text: 'a cat & a dog',
  picture: 'k1',
  pictureShare: 70,
  positive: ['a1', 'b2'],
  negative: ['c3'],
  book: 'Book #1',
  pageType: 'cover',
  hasText: 'no',
  level: 'page',
};

describe('the address of a search', () => {
  it('holds the whole query', () => {
    for (const query of [FULL, { ...EMPTY, collection: 'c' }]) {
      const { view, params } = parseRoute(queryHref(query, 'p1'));
      assert.equal(view, 'search');
      assert.deepEqual(parseQuery(params), query);
      assert.equal(params.get('panel'), 'p1');
    }
  });

  it('is read with defaults where somebody changed it by hand', () => {
    const query = parseQuery(new URLSearchParams('picture_share=x&has_text=perhaps&level=book'));
    assert.deepEqual([query.pictureShare, query.hasText, query.level], [50, '', 'panel']);
  });
});

describe('the request of a search', () => {
  it('has what the query has, and weights where there are words and a picture', () => {
    assert.deepEqual(toSearchRequest(FULL, 'data:x', null), {
      collection: 'my comics',
      text: 'a cat & a dog',
      image: 'data:x',
      weights: { image: 0.7, text: 1 - 0.7 },
      positive: ['a1', 'b2'],
      negative: ['c3'],
      level: 'page',
      top_k: 24,
      filters: { book: 'Book #1', page_type: 'cover', has_text: false },
    });
  });

  it('leaves out what is empty', () => {
    const request = toSearchRequest({ ...EMPTY, collection: 'c', text: ' cat ' }, undefined, 'next');
    assert.deepEqual(request, { collection: 'c', text: 'cat', level: 'panel', top_k: 24, cursor: 'next' });
  });

  it('needs words, a picture or a panel to be like', () => {
    assert.equal(hasContent({ ...EMPTY, text: '  ', negative: ['a'] }), false);
    for (const part of [{ text: 'a' }, { picture: 'k' }, { positive: ['a'] }]) {
      assert.equal(hasContent({ ...EMPTY, ...part }), true);
    }
  });
});
