const collator = new Intl.Collator('en', { numeric: true });

/** Compares names as people order them: page 2 before page 10. Never 0 for different names, so that the order is the same everywhere. */
export function compareNaturally(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : Number(a > b));
}

/** Compares paths with / likewise, folder by folder. */
export function comparePathsNaturally(a: string, b: string): number {
  const [segmentsA, segmentsB] = [a.split('/'), b.split('/')];
  for (const [i, segment] of segmentsA.entries()) {
    const other = segmentsB[i];
    if (other === undefined) return 1;
    const order = compareNaturally(segment, other);
    if (order !== 0) return order;
  }
  return segmentsA.length - segmentsB.length;
}
