import { isFiniteVector } from '../../util/vectors.ts';
import { clusterRows, countDifferent } from '../../vector-analysis/k-means.ts';
import { presentRows, vectorOf } from '../../vector-analysis/vector-rows.ts';
import { CLASS_KINDS, type ClassKind, type ClusteringMeasures, type LeftOut } from '../evaluation-result.ts';
import { adjustedRandIndex, LabelPairs, normalizedMutualInformation } from './cluster-agreement.ts';
import type { MeasuredPanel, MeasuredPanels, ViewVectors } from './measured-panels.ts';
import { silhouettes } from './silhouette.ts';
import { type MaybeStatistic, meanStatistic, type Statistic } from './statistic.ts';

const TEN = 10;
/** With fewer panels for each cluster, clusters say little. */
const MIN_PANELS_PER_CLUSTER = 2;

export interface ClusteringStatistics {
  readonly k: number;
  readonly silhouette: Statistic;
  readonly nmi: Readonly<Record<ClassKind, MaybeStatistic>>;
  readonly ari: Readonly<Record<ClassKind, MaybeStatistic>>;
}

/** A gallery with its clusters. */
interface Clustered {
  readonly rows: readonly number[];
  readonly clusters: readonly number[];
  readonly k: number;
}

/** Clusters the vectors of each gallery by k-means, and compares the clusters to books, pages and types of pages. */
export function measureClustering(
  panels: MeasuredPanels,
  vectors: ViewVectors,
  choice: ClusteringMeasures['choice'],
): ClusteringStatistics | LeftOut {
  const galleries: Clustered[] = [];
  for (const gallery of panels.galleries) {
    const rows = presentRows(vectors, gallery);
    const k = choice === 'ten' ? TEN : new Set(rows.map((row) => panels.panels[row]?.book)).size;
    const reason = whyNotClustered(vectors, rows, k);
    if (reason !== null) return { left_out: reason };
    galleries.push({ rows, clusters: clusterRows(vectors, rows, k, panels.seed), k });
  }
  const values = galleries.flatMap(({ rows, clusters }) => silhouettes(vectors, rows, clusters));
  const agreement = (measure: typeof adjustedRandIndex) =>
    Object.fromEntries(CLASS_KINDS.map((kind) => [kind, agreementWith(panels, galleries, kind, measure)])) as Record<
      ClassKind,
      MaybeStatistic
    >;
  return {
    k: galleries.reduce((sum, { k }) => sum + k, 0) / galleries.length,
    silhouette: meanStatistic(
      galleries.flatMap(({ rows }) => rows),
      values,
    ),
    nmi: agreement(normalizedMutualInformation),
    ari: agreement(adjustedRandIndex),
  };
}

function whyNotClustered(vectors: ViewVectors, rows: readonly number[], k: number): string | null {
  if (k < 2) return 'the panels are of one book, which makes one cluster';
  if (rows.length < k * MIN_PANELS_PER_CLUSTER) return `${rows.length} panels are too few for ${k} clusters`;
  if (!rows.every((row) => isFiniteVector(vectorOf(vectors, row)))) return 'some vectors are not finite';
  const different = countDifferent(vectors, rows, k);
  return different < k ? `there are only ${different} different vectors for ${k} clusters` : null;
}

/** The agreement of clusters and classes: its mean over the galleries that have two classes or more, weighted by their panels. */
function agreementWith(
  { panels }: MeasuredPanels,
  galleries: readonly Clustered[],
  kind: ClassKind,
  measure: typeof adjustedRandIndex,
): MaybeStatistic {
  const parts = galleries.flatMap(({ rows, clusters }) => {
    const classes = rows.map((row) => classOf(panels[row], kind));
    const known = rows.map((_, i) => i).filter((i) => classes[i] != null);
    if (new Set(known.map((i) => classes[i])).size < 2) return [];
    const pairs = new LabelPairs(
      known.map((i) => clusters[i] ?? -1),
      known.map((i) => classes[i] ?? ''),
    );
    return [{ rows: known.map((i) => rows[i] ?? -1), pairs }];
  });
  if (parts.length === 0) return { left_out: `the panels do not differ in their ${kind.replace('_', ' ')}` };
  const rows = parts.flatMap((part) => part.rows);
  return {
    rows,
    isBiased: true,
    compute(weights) {
      let [sum, total, offset] = [0, 0, 0];
      for (const part of parts) {
        const counts = part.pairs.count(weights, offset);
        offset += part.rows.length;
        const agreement = measure(counts);
        if (Number.isNaN(agreement)) continue;
        sum += agreement * counts.total;
        total += counts.total;
      }
      return sum / total;
    },
  };
}

function classOf(panel: MeasuredPanel | undefined, kind: ClassKind): string | null | undefined {
  return panel?.[kind];
}
