import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MapBuilder } from '../../../src/collections/map/map-builder.ts';
import { encodeMapPoints, OTHER_BOOK } from '../../../src/collections/map/map-points.ts';
import { decodeMapPoints } from '../../support/map-points.ts';

const placement = (clusters: readonly number[], centreDistances: readonly number[]) => ({
  places: Float32Array.from({ length: 2 * clusters.length }, (_, i) => i / 4),
  clusters: Uint8Array.from(clusters),
  centreDistances: Float32Array.from(centreDistances),
});
const idOf = (i: number) => (0x1000 + i).toString(16).padStart(16, '0');
const panelsOf = (count: number, start = 0) =>
  Array.from({ length: count }, (_, i) => ({
    id: idOf(start + i),
    book: `book ${(start + i) % 3}`,
    pageType: i === 0 ? 'cover' : 'story',
  }));

it('clusters come by size, with their faces by distance, and points name them so', () => {
  const builder = new MapBuilder();
  builder.add(panelsOf(3), placement([1, 2, 2], [0.1, 0.4, 0.2]));
  builder.add(panelsOf(3, 3), placement([2, 2, 1], [0.3, 0.1, 0.1]));
  const { clusters, books, pageTypes, points } = builder.build();
  assert.deepEqual(clusters, [
    { panels: 4, faces: [idOf(4), idOf(2), idOf(3)] },
    { panels: 2, faces: [idOf(0), idOf(5)] },
  ]);
  assert.deepEqual([...points.clusters], [1, 0, 0, 0, 0, 1]);
  assert.deepEqual(
    books.map(({ value }) => value),
    ['book 0', 'book 1', 'book 2'],
  );
  assert.deepEqual(pageTypes, [
    { value: 'story', panels: 4 },
    { value: 'cover', panels: 2 },
  ]);
});

it('the points are the same after they were sent', () => {
  const builder = new MapBuilder();
  builder.add(panelsOf(5), placement([0, 1, 0, 1, 0], [0, 0, 0, 0, 0]));
  const { points } = builder.build();
  assert.deepEqual(decodeMapPoints(encodeMapPoints(points)), points);
});

it('books beyond the legend are no book of it', () => {
  const builder = new MapBuilder();
  const panels = Array.from({ length: 1002 }, (_, i) => ({ id: idOf(i), book: `book ${i}`, pageType: 'story' }));
  builder.add([...panels, { ...panels[1001]!, id: idOf(1002) }], placement(Array(1003).fill(0), Array(1003).fill(0)));
  const { books, points } = builder.build();
  assert.equal(books.length, 1000);
  assert.deepEqual(books[0], { value: 'book 1001', panels: 2 });
  assert.equal(points.books[0], 1);
  assert.deepEqual([points.books[999], points.books[1000], points.books[1001]], [OTHER_BOOK, OTHER_BOOK, 0]);
});
