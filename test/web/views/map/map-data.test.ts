import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeMapPoints } from '../../../../src/collections/map/map-points.ts';
import { parseRoute } from '../../../../src/web/app/route.ts';
import { colourPoints, pointsOfEntry } from '../../../../src/web/views/map/map-colours.ts';
import { decodeMapPoints } from '../../../../src/web/views/map/map-data.ts';
import { findInBounds, findInPolygon, findNearest } from '../../../../src/web/views/map/map-geometry.ts';
import { mapHref, parseMapQuery } from '../../../../src/web/views/map/map-query.ts';

const IDS = ['00000000000000ff', 'fedcba9876543210', '0123456789abcdef'];
const COUNT = 12;

/** Points on a line from (0, 0) to (11, 11); each has a book of its own. */
function makePoints() {
  const column = Array.from({ length: COUNT }, (_, i) => i);
  const encoded = encodeMapPoints({
    ids: column.map((i) => IDS[i] ?? String(i).padStart(16, '0')),
    places: Float32Array.from(column.flatMap((i) => [i, i])),
    books: Uint16Array.from(column),
    pageTypes: Uint8Array.from(column, (i) => (i === 5 ? 255 : 0)),
    clusters: Uint8Array.from(column, (i) => i % 2),
  });
  return decodeMapPoints(encoded.buffer.slice(encoded.byteOffset, encoded.byteOffset + encoded.length) as ArrayBuffer);
}

const points = makePoints();
const legend = (count: number) => Array.from({ length: count }, (_, i) => ({ value: `value ${i}`, panels: 1 }));
const data = {
  points,
  map: {
    ...{
      object: 'map' as const,
      collection: 'c',
      count: COUNT,
      total: COUNT,
      landmarks: COUNT,
      seed: 1,
      points_url: '',
    },
    clusters: [0, 1].map((cluster) => ({ cluster, panels: 6, faces: [] })),
    books: legend(COUNT),
    page_types: [{ value: 'story', panels: 11 }],
  },
};

describe('the points of a map in the page', () => {
  it('are those that the service encodes', () => {
    assert.equal(points.count, COUNT);
    assert.deepEqual([points.idOf(0), points.idOf(1), points.idOf(2)], IDS);
    assert.deepEqual([points.indexOf('fedcba9876543210'), points.indexOf('0000000000000000')], [1, -1]);
    assert.deepEqual([...points.places.slice(0, 4)], [0, 0, 1, 1]);
    assert.deepEqual([points.books[11], points.pageTypes[5], points.clusters[11]], [11, 255, 1]);
  });

  it('of another version are refused', () => {
    assert.throws(() => decodeMapPoints(new ArrayBuffer(8)), /Load the page again/);
  });

  it('are found by place, rectangle and polygon', () => {
    assert.equal(findNearest(points, [3.2, 3.1], 1), 3);
    assert.equal(findNearest(points, [3.5, 1], 1), -1);
    assert.deepEqual(findInBounds(points, { minX: 2, minY: 2, maxX: 4, maxY: 9 }), [2, 3, 4]);
    const triangle: [number, number][] = [
      [-1, -1],
      [5, -1],
      [5, 4],
    ];
    assert.deepEqual(findInPolygon(points, triangle), []);
    assert.deepEqual(findInPolygon(points, [...triangle, [-1, 3.5]]), [0, 1, 2, 3]);
    assert.deepEqual(findInPolygon(points, triangle.slice(0, 2)), []);
  });
});

describe('the colours of a map', () => {
  it('are those of the palette for the largest, and one for all others', () => {
    const colours = colourPoints(data, 'book', 'light');
    assert.equal(colours.legend.length, 9);
    const other = colours.legend.at(-1);
    assert.deepEqual([other?.label, other?.panels], ['Other', 4]);
    assert.equal(new Set(colours.legend.map(({ colour }) => colour.join())).size, 9);
    for (const entry of colours.legend) {
      for (const i of pointsOfEntry(colours, entry))
        assert.deepEqual([...colours.rgba.slice(4 * i, 4 * i + 4)], [...entry.colour, 255]);
    }
    assert.deepEqual(other && pointsOfEntry(colours, other), [8, 9, 10, 11]);
  });

  it('have no other where each value has its own', () => {
    assert.deepEqual(
      colourPoints(data, 'cluster', 'dark').legend.map(({ label, panels }) => [label, panels]),
      [
        ['Cluster 1', 6],
        ['Cluster 2', 6],
      ],
    );
    const types = colourPoints(data, 'page type', 'dark');
    assert.deepEqual(
      types.legend.map((entry) => [entry.label, pointsOfEntry(types, entry).length]),
      [
        ['story', 11],
        ['Other', 1],
      ],
    );
  });
});

it('the address holds what the map shows', () => {
  const query = { collection: 'my comics', text: 'a cat & a dog', colouring: 'page type' as const };
  const { view, params } = parseRoute(mapHref(query, 'p1'));
  assert.equal(view, 'map');
  assert.deepEqual(parseMapQuery(params), query);
  assert.equal(params.get('panel'), 'p1');
  assert.equal(parseMapQuery(new URLSearchParams('colour=x')).colouring, 'cluster');
});
