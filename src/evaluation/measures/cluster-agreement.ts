/** How often each pair of a cluster and a class occurs, with the sums over each. */
interface Contingency {
  readonly pairs: readonly number[];
  readonly clusters: readonly number[];
  readonly classes: readonly number[];
  readonly total: number;
}

/** Labels of two kinds for the same panels, ready to be counted again with other weights. */
export class LabelPairs {
  readonly #pairs: readonly (readonly [cluster: number, label: number, pair: number])[];

  constructor(clusters: readonly number[], classes: readonly string[]) {
    const [clusterIndex, classIndex, pairIndex] = [indexer(), indexer(), indexer()];
    this.#pairs = clusters.map((cluster, i) => {
      const [a, b] = [clusterIndex(String(cluster)), classIndex(classes[i] ?? '')];
      return [a, b, pairIndex(`${a}/${b}`)] as const;
    });
  }

  /** @param offset where the weights of these panels begin */
  count(weights: ArrayLike<number>, offset = 0): Contingency {
    const pairs: number[] = [];
    const clusters: number[] = [];
    const classes: number[] = [];
    let total = 0;
    for (const [i, [cluster, label, pair]] of this.#pairs.entries()) {
      const weight = weights[offset + i] ?? 0;
      add(pairs, pair, weight);
      add(clusters, cluster, weight);
      add(classes, label, weight);
      total += weight;
    }
    return { pairs, clusters, classes, total };
  }
}

/** Normalised mutual information, by the arithmetic mean of the entropies. NaN if either side has one label alone. */
export function normalizedMutualInformation({ pairs, clusters, classes, total }: Contingency): number {
  const [ofClusters, ofClasses] = [entropy(clusters, total), entropy(classes, total)];
  if (ofClusters === 0 || ofClasses === 0) return Number.NaN;
  return (2 * (ofClusters + ofClasses - entropy(pairs, total))) / (ofClusters + ofClasses);
}

/** Rand index adjusted for chance (Hubert and Arabie 1985). NaN if either side has one label alone. */
export function adjustedRandIndex({ pairs, clusters, classes, total }: Contingency): number {
  const [ofClusters, ofClasses] = [sumOfPairs(clusters), sumOfPairs(classes)];
  const expected = (ofClusters * ofClasses) / choosePairs(total);
  const isSingle = [clusters, classes].some((counts) => counts.filter((count) => count > 0).length < 2);
  return isSingle ? Number.NaN : (sumOfPairs(pairs) - expected) / ((ofClusters + ofClasses) / 2 - expected);
}

function entropy(counts: readonly number[], total: number): number {
  return -counts.reduce((sum, count) => (count > 0 ? sum + (count / total) * Math.log(count / total) : sum), 0);
}

function sumOfPairs(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + choosePairs(count), 0);
}

function choosePairs(count: number): number {
  return (count * (count - 1)) / 2;
}

function add(counts: number[], index: number, weight: number): void {
  counts[index] = (counts[index] ?? 0) + weight;
}

/** Numbers different texts in the order of their first use. */
function indexer(): (text: string) => number {
  const indices = new Map<string, number>();
  return (text) => {
    const index = indices.get(text) ?? indices.size;
    indices.set(text, index);
    return index;
  };
}
