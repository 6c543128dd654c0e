import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onesFor } from '../../../src/evaluation/measures/bootstrap.ts';
import { findNearDuplicates } from '../../../src/evaluation/measures/near-duplicates.ts';
import { measureRetrieval } from '../../../src/evaluation/measures/retrieval.ts';
import { panelsOf, toVectors } from '../../support/measured-panels.ts';

const panels = panelsOf(Array.from({ length: 20 }, (_, i) => ['book', `page ${i % 4}`] as const));

const direction = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
const fan = toVectors(Array.from({ length: 20 }, (_, i) => direction(4 * i)));

function values({ statistics }: ReturnType<typeof measureRetrieval>) {
  return Object.fromEntries(
    Object.entries(statistics).map(([name, { compute, rows }]) => [name, compute(onesFor(rows))]),
  );
}

function assertClose(actual: number | undefined, wanted: number) {
  assert.ok(Math.abs((actual ?? Number.NaN) - wanted) < 1e-9, `${actual} is not ${wanted}`);
}

describe('retrieval', () => {
  it('finds every panel by its own vector', () => {
    assert.deepEqual(values(measureRetrieval(panels, fan, fan)), {
      recall_at_1: 1,
      recall_at_5: 1,
      recall_at_10: 1,
      mrr: 1,
      median_rank: 1,
    });
  });

  it('gives vectors that are all alike what chance gives, and no more', () => {
    const alike = toVectors(Array.from({ length: 20 }, () => [1, 0]));
    const measured = measureRetrieval(panels, alike, alike);
    const { recall_at_1, recall_at_5, median_rank } = values(measured);
    assertClose(recall_at_1, 1 / 20);
    assertClose(recall_at_5, 5 / 20);
    assert.equal(measured.chance, 5 / 20);
    assert.equal(median_rank, 10.5);
  });

  it('counts vectors that differ by rounding alone as alike', () => {
    const almostAlike = toVectors(Array.from({ length: 20 }, (_, i) => [1, 1e-8 * i]));
    assertClose(values(measureRetrieval(panels, almostAlike, almostAlike)).recall_at_1, 1 / 20);
  });

  it('finds nothing by vectors that are not numbers', () => {
    const broken = toVectors(Array.from({ length: 20 }, () => [Number.NaN, 0]));
    assert.equal(values(measureRetrieval(panels, broken, fan)).recall_at_10, 0);
    assert.equal(values(measureRetrieval(panels, fan, broken)).recall_at_10, 0);
  });

  it('searches only what the target view has, and asks only for what is there', () => {
    const isEven = (i: number) => i % 2 === 0;
    const some = toVectors(Array.from({ length: 20 }, (_, i) => (isEven(i) ? direction(4 * i) : null)));
    const { ranks, chance } = measureRetrieval(panels, fan, some);
    assert.deepEqual(ranks.rows, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    assert.equal(chance, 0.5);
    assert.equal(measureRetrieval(panels, some, fan).ranks.candidates[0], 20);
  });

  it('searches each gallery alone', () => {
    const rows = panels.panels.map((_, row) => row);
    const galleries = [rows.slice(0, 5), rows.slice(5)];
    const { ranks } = measureRetrieval({ ...panels, galleries }, fan, fan);
    assert.deepEqual([ranks.candidates[0], ranks.candidates[19]], [5, 15]);
  });

  it('does not count near-duplicates of the right panel as wrong', () => {
    // Panel 1 shows the picture of panel 0, and its vector is nearer to the query than that of panel 0.
    const pictures = Array.from({ length: 20 }, (_, i) => direction(i < 2 ? i : 8 * i));
    const queries = toVectors([direction(1), ...pictures.slice(1)]);
    const targets = toVectors(pictures);
    assert.equal(measureRetrieval(panels, queries, targets).expectedRanks[0], 2);
    const nearDuplicates = findNearDuplicates(targets, 0.999);
    assert.deepEqual([nearDuplicates[0], nearDuplicates[2]], [new Set([1]), new Set()]);
    assert.equal(measureRetrieval({ ...panels, nearDuplicates }, queries, targets).expectedRanks[0], 1);
  });
});
