/** Splits rows into folds without splitting a group: the largest groups first, each into the smallest fold. */
export function groupFolds(rows: readonly number[], groupOf: (row: number) => string, count: number): number[][] {
  const groups = [...Map.groupBy(rows, groupOf).values()].sort((a, b) => b.length - a.length);
  const folds: number[][] = Array.from({ length: Math.min(count, groups.length) }, () => []);
  for (const group of groups) {
    const smallest = folds.reduce((a, b) => (b.length < a.length ? b : a));
    smallest.push(...group);
  }
  return folds;
}
