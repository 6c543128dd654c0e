import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meanGateWeights } from '../../../src/evaluation/measures/ablation.ts';
import { collapseVerdict } from '../../../src/evaluation/measures/collapse.ts';
import { measureContender } from '../../../src/evaluation/measures/measure-contender.ts';
import { countNearDuplicates } from '../../../src/evaluation/measures/near-duplicates.ts';
import { isLeftOut } from '../../../src/evaluation/measures/statistic.ts';
import { panelsOf, readMeasuresFixture, toVectors } from '../../support/measured-panels.ts';

const { panels, stored, picture } = readMeasuresFixture();

describe('measures of a contender', () => {
  it('are there, or left out with the reason', () => {
    const { measures, statistics } = measureContender(panels, { stored, picture });
    const { picture_to_stored: found, words_to_pictures: words } = measures.retrieval;
    assert.ok(!isLeftOut(found) && found.ranks.length === 100 && found.query_panels[0] === 'b0/p0#0');
    assert.ok(!isLeftOut(found) && !isLeftOut(found.recall_at_5) && found.recall_at_5.resampled === 'books');
    assert.deepEqual(words, { left_out: 'no panel has the view description' });
    assert.ok(!isLeftOut(measures.neighbours) && !isLeftOut(measures.neighbours.same_page));
    assert.deepEqual(
      !isLeftOut(measures.clustering.stored) && measures.clustering.stored.map(({ k, choice }) => [k, choice]),
      [
        [10, 'ten'],
        [9, 'books'],
      ],
    );
    assert.ok(!isLeftOut(measures.collapse.picture) && measures.collapse.picture.verdict === 'healthy');
    assert.ok(!isLeftOut(measures.leakage.stored) && !isLeftOut(measures.leakage.stored.aspect));
    assert.deepEqual(!isLeftOut(measures.leakage.stored) && measures.leakage.stored.area, {
      left_out: 'all panels have the same value',
    });
    assert.deepEqual(measures.ablation.snapshot, { left_out: 'no panel has the view snapshot' });
    for (const path of ['retrieval.picture_to_stored.mrr', 'clustering.stored.ten.nmi.book', 'leakage.picture.aspect'])
      assert.ok(statistics.has(path), path);
  });

  it('are the same each time', () => {
    const measure = () => JSON.stringify(measureContender(panels, { stored, picture }).measures);
    assert.equal(measure(), measure());
  });

  it('of a few panels are all left out', () => {
    const few = panelsOf([
      ['a', 'p'],
      ['a', 'p'],
      ['b', 'q'],
    ]);
    const vectors = toVectors([
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
    const json = JSON.stringify(measureContender(few, { stored: vectors, picture: vectors }).measures);
    assert.ok(!json.includes('"value"'), json);
    assert.ok(json.includes('it takes 10 queries, and there are 3'), json);
  });

  it('tell a collapsed space by the verdict of the original', () => {
    assert.deepEqual(
      [collapseVerdict(0.91, 0.9), collapseVerdict(0.85, 0.9), collapseVerdict(0.5, 0.2), collapseVerdict(0.5, 0.4)],
      ['collapsed', 'similar', 'weakly_aligned', 'healthy'],
    );
    const alike = toVectors(panels.panels.map((_, i) => [1, 0.01 * (i % 7), 0.01 * (i % 3)]));
    const { measures } = measureContender(panels, { stored: alike });
    assert.ok(!isLeftOut(measures.collapse.stored) && measures.collapse.stored.verdict === 'collapsed');
  });

  it('have gate weights by the modalities that are there', () => {
    const present = Float32Array.of(1, 1, 1, 1, 0, 0, 1, 1, 1);
    const gate = Float32Array.of(0.5, 0.25, 0.25, 1, 0, 0, 0.25, 0.5, 0.25);
    assert.deepEqual(meanGateWeights(present, gate), {
      'vision+text+composition': [0.375, 0.375, 0.25],
      vision: [1, 0, 0],
    });
  });

  it('count each near-duplicate once', () => {
    assert.equal(countNearDuplicates([new Set([1, 2]), new Set([0, 2]), new Set([0, 1]), new Set()]), 2);
  });
});
