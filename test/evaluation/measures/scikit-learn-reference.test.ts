import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measureAblation } from '../../../src/evaluation/measures/ablation.ts';
import { onesFor } from '../../../src/evaluation/measures/bootstrap.ts';
import {
  adjustedRandIndex,
  LabelPairs,
  normalizedMutualInformation,
} from '../../../src/evaluation/measures/cluster-agreement.ts';
import { measureCollapse } from '../../../src/evaluation/measures/collapse.ts';
import { signTest } from '../../../src/evaluation/measures/comparison.ts';
import { measureLeakage } from '../../../src/evaluation/measures/leakage.ts';
import { measureNeighbours } from '../../../src/evaluation/measures/neighbours.ts';
import { measureRetrieval } from '../../../src/evaluation/measures/retrieval.ts';
import { silhouettes } from '../../../src/evaluation/measures/silhouette.ts';
import { isLeftOut, type MaybeStatistic } from '../../../src/evaluation/measures/statistic.ts';
import { clusterRows } from '../../../src/vector-analysis/k-means.ts';
import { readMeasuresFixture } from '../../support/measured-panels.ts';
import { maxDifference } from '../../support/numeric.ts';

const { panels, stored, picture, expected } = readMeasuresFixture();
const [rows = []] = panels.galleries;

function valueFrom(statistic: MaybeStatistic): number {
  if (isLeftOut(statistic)) throw new Error(statistic.left_out);
  return statistic.compute(onesFor(statistic.rows));
}

function assertClose(actual: number, wanted: number, tolerance = 1e-6) {
  assert.ok(Math.abs(actual - wanted) <= tolerance, `${actual} is not ${wanted}`);
}

describe('measures, against NumPy, SciPy and scikit-learn', () => {
  it('retrieval', () => {
    const { statistics, expectedRanks } = measureRetrieval(panels, picture, stored);
    assert.deepEqual(expectedRanks, expected.retrieval.ranks);
    for (const [name, statistic] of Object.entries(statistics))
      assertClose(valueFrom(statistic), expected.retrieval[name]);
  });

  it('nearest neighbours', () => {
    const { statistics } = measureNeighbours(panels, stored);
    assertClose(valueFrom(statistics.same_page), expected.neighbours.same_page);
    assertClose(valueFrom(statistics.same_book), expected.neighbours.same_book);
  });

  it('silhouettes, NMI and ARI of given clusters', () => {
    const { labels } = expected.clustering;
    assert.ok(maxDifference(silhouettes(stored, rows, labels), expected.clustering.silhouettes) < 1e-5);
    for (const kind of ['book', 'page', 'page_type'] as const) {
      const classes = panels.panels.map((panel) => panel[kind] ?? '');
      const counts = new LabelPairs(labels, classes).count(onesFor(rows));
      assertClose(normalizedMutualInformation(counts), expected.clustering.nmi[kind]);
      assertClose(adjustedRandIndex(counts), expected.clustering.ari[kind]);
    }
  });

  it('k-means is as good as the best of 50 starts, within 2 %', () => {
    const clusters = clusterRows(stored, rows, 10, 42);
    const members = Map.groupBy(rows, (row) => clusters[row]);
    let inertia = 0;
    for (const clusterRows of members.values()) {
      const vectors = clusterRows.map((row) =>
        stored.values.subarray(row * stored.dimensions, (row + 1) * stored.dimensions),
      );
      for (let i = 0; i < stored.dimensions; i++) {
        const mean = vectors.reduce((sum, vector) => sum + vector[i]!, 0) / vectors.length;
        for (const vector of vectors) inertia += (vector[i]! - mean) ** 2;
      }
    }
    assert.equal(members.size, 10);
    assert.ok(
      inertia <= 1.02 * expected.clustering.inertia,
      `${inertia}, and scikit-learn has ${expected.clustering.inertia}`,
    );
  });

  it('R2 of ridge regressions by book', () => {
    assertClose(valueFrom(measureLeakage(panels, stored).aspect), expected.leakage.aspect, 1e-4);
  });

  it('cosines within and between pages', () => {
    const { within_page, between_pages, all_pairs } = measureCollapse(panels, stored);
    assertClose(valueFrom(within_page), expected.collapse.within_page);
    assertClose(valueFrom(between_pages), expected.collapse.between_pages);
    assertClose(valueFrom(all_pairs), expected.collapse.all_pairs);
  });

  it('cosines of one view to another', () => {
    assertClose(valueFrom(measureAblation(panels, picture, stored)), expected.ablation);
  });

  it('sign tests', () => {
    for (const { better, worse, p } of expected.sign_tests) assertClose(signTest(better, worse), p, 1e-9);
  });
});
