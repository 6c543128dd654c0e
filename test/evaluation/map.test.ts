import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeMap } from '../../src/evaluation/map.ts';
import { CounterRandom } from '../../src/util/counter-random.ts';

const DIMENSIONS = 16;

/** Unit vectors around as many directions as there are groups; row i belongs to group i % groups. */
function groupedVectors(count: number, groups: number): Float32Array {
  const random = new CounterRandom('map test');
  const vectors = new Float32Array(count * DIMENSIONS);
  for (let i = 0; i < count; i++) {
    const row = vectors.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS);
    row.forEach((_, j) => {
      row[j] = 0.2 * (random.uniform(i * DIMENSIONS + j) - 0.5) + (j === i % groups ? 1 : 0);
    });
    const length = Math.hypot(...row);
    row.forEach((value, j) => {
      row[j] = value / length;
    });
  }
  return vectors;
}

const makeIds = (count: number) => Array.from({ length: count }, (_, i) => `book/page#${i}`);
const mapOf = (count: number, groups: number, seed = 1) =>
  makeMap({ panels: makeIds(count), vectors: groupedVectors(count, groups), seed });

describe('a map', () => {
  it('puts panels of one group nearer to each other than to those of other groups', () => {
    const map = mapOf(60, 3)!;
    assert.deepEqual(map.panels, makeIds(60));
    const distance = (i: number, j: number) => Math.hypot(map.x[i]! - map.x[j]!, map.y[i]! - map.y[j]!);
    for (let i = 0; i < 60; i++) {
      const others = Array.from({ length: 60 }, (_, j) => j).filter((j) => j !== i);
      const nearest = others.sort((a, b) => distance(i, a) - distance(i, b)).slice(0, 5);
      assert.deepEqual(
        nearest.map((j) => j % 3),
        Array(5).fill(i % 3),
      );
    }
  });

  it('is the same for the same seed, and another for another', () => {
    assert.deepEqual(mapOf(30, 3), mapOf(30, 3));
    assert.notDeepEqual(mapOf(30, 3, 2), mapOf(30, 3));
  });

  it('has no map of a few panels, and one of panels that are all the same', () => {
    assert.equal(mapOf(9, 3), null);
    assert.equal(mapOf(10, 3)!.x.length, 10);
    const vectors = new Float32Array(20 * DIMENSIONS).map((_, i) => (i % DIMENSIONS === 0 ? 1 : 0));
    const map = makeMap({ panels: makeIds(20), vectors, seed: 1 })!;
    assert.ok([...map.x, ...map.y].every(Number.isFinite));
  });
});
