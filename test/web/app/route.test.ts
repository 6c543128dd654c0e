import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRoute, routeHref } from '../../../src/web/app/route.ts';

describe('the address of a view', () => {
  it('gives back what it was made of', () => {
    const href = routeHref('search', ['c/1', 'a b'], { q: 'a cat & "dogs" #1', positive: ['x', 'y'], book: undefined });
    const { view, segments, params } = parseRoute(href);
    assert.deepEqual([view, segments], ['search', ['c/1', 'a b']]);
    assert.equal(params.get('q'), 'a cat & "dogs" #1');
    assert.deepEqual(params.getAll('positive'), ['x', 'y']);
    assert.equal(params.has('book'), false);
  });

  it('leaves out what is empty', () => {
    assert.equal(routeHref('search', [], { q: '', positive: [] }), '#/search');
  });

  it('is the start page where there is none', () => {
    for (const hash of ['', '#', '#/']) assert.equal(parseRoute(hash).view, '');
  });

  it('stays readable where it is no valid encoding', () => {
    assert.equal(parseRoute('#/se%ZZarch').view, 'se%ZZarch');
  });
});
