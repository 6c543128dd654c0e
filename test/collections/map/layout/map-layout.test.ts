import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MapLayout, type Placement } from '../../../../src/collections/map/layout/map-layout.ts';
import { toUnitLength } from '../../../../src/util/vectors.ts';
import { seeded } from '../../../support/numeric.ts';

const DIMENSIONS = 8;
const GROUPS = 3;

/** Unit vectors of three groups: row i belongs to group i % 3. */
function groupedVectors(count: number, seed: number): Float32Array {
  const random = seeded(seed);
  const rows = Array.from({ length: count }, (_, row) =>
    toUnitLength(
      Float32Array.from({ length: DIMENSIONS }, (_, i) => 0.3 * (random() - 0.5) + Number(i === row % GROUPS)),
    ),
  );
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

const landmarks = { dimensions: DIMENSIONS, values: groupedVectors(90, 1) };

const placeOf = ({ places }: Placement, row: number) => [
  places[2 * row] ?? Number.NaN,
  places[2 * row + 1] ?? Number.NaN,
];
const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!);

describe('the layout of a map', () => {
  it('places another row among the landmarks that are like it, and in their cluster', async () => {
    await using layout = await MapLayout.fit(landmarks, 1);
    const fitted = layout.placeLandmarks();
    const placed = await layout.place(groupedVectors(30, 2));
    for (let row = 0; row < 30; row++) {
      const place = placeOf(placed, row);
      const [nearest] = Array.from({ length: 90 }, (_, i) => i).sort(
        (a, b) => distance(placeOf(fitted, a), place) - distance(placeOf(fitted, b), place),
      );
      assert.equal(nearest! % GROUPS, row % GROUPS);
      const clusterGroups = new Set(
        [...fitted.clusters].flatMap((cluster, i) => (cluster === placed.clusters[row] ? [i % GROUPS] : [])),
      );
      assert.deepEqual([...clusterGroups], [row % GROUPS]);
      assert.ok(placed.centreDistances[row]! < 0.5);
    }
  });

  it('places a row that is equal to a landmark on it', async () => {
    await using layout = await MapLayout.fit(landmarks, 1);
    const fitted = layout.placeLandmarks();
    const placed = await layout.place(landmarks.values.slice(4 * DIMENSIONS, 5 * DIMENSIONS));
    assert.ok(distance(placeOf(placed, 0), placeOf(fitted, 4)) < 0.05);
  });

  it('is the same for the same seed', async () => {
    const places = async (seed: number) => {
      await using layout = await MapLayout.fit(landmarks, seed);
      return layout.placeLandmarks().places;
    };
    const first = await places(1);
    assert.deepEqual(await places(1), first);
    assert.notDeepEqual(await places(2), first);
  });

  it('has a place for each of a few rows, and of many that are equal', async () => {
    for (const [count, isEqual] of [
      [1, false],
      [2, false],
      [9, false],
      [10, false],
      [11, true],
    ] as const) {
      const values = isEqual
        ? new Float32Array(count * DIMENSIONS).map((_, i) => Number(i % DIMENSIONS === 0))
        : groupedVectors(count, 3);
      await using layout = await MapLayout.fit({ dimensions: DIMENSIONS, values }, 1);
      const { places, clusters } = layout.placeLandmarks();
      assert.equal(places.length, 2 * count);
      assert.ok(places.every(Number.isFinite));
      assert.equal(new Set(clusters).size, isEqual ? 1 : Math.max(1, Math.round(Math.sqrt(count) / 2)));
    }
  });
});
