/** What of a result the folding looks at. */
interface FoldableRow {
  readonly id: string;
  readonly near_duplicate_of: string | null;
}

export interface FoldedRow<T> {
  readonly row: T;
  /** Rows that are nearly the same as it, in their order */
  readonly duplicates: readonly T[];
}

/** Puts near duplicates under the row that they are duplicates of. A row whose first is not in the list stands alone. */
export function foldDuplicates<T extends FoldableRow>(rows: readonly T[]): readonly FoldedRow<T>[] {
  const folded = new Map<string, { row: T; duplicates: T[] }>();
  for (const row of rows) {
    const first = row.near_duplicate_of === null ? undefined : folded.get(row.near_duplicate_of);
    if (first) first.duplicates.push(row);
    else folded.set(row.id, { row, duplicates: [] });
  }
  return [...folded.values()];
}
