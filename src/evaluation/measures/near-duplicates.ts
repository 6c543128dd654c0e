import { cosineOfRows } from '../../vector-analysis/vector-rows.ts';
import type { ViewVectors } from './measured-panels.ts';

/**
 * Cosine of pooled picture features over which two panels show nearly the same picture: a drawing that is printed again, with
 * other lettering or compression. Different panels of one scene stay below: of the 88,000 pairs of a comic of 420 panels, the
 * most alike have 0.95 (MobileNetV2).
 */
export const NEAR_DUPLICATE_COSINE = 0.97;

/** For each row the other rows whose picture is nearly the same. @param pictures pooled features of unit length */
export function findNearDuplicates(pictures: ViewVectors, threshold = NEAR_DUPLICATE_COSINE): ReadonlySet<number>[] {
  const { isPresent } = pictures;
  const duplicates = isPresent.map(() => new Set<number>());
  for (let row = 0; row < isPresent.length; row++) {
    if (!isPresent[row]) continue;
    for (let other = 0; other < row; other++) {
      if (!isPresent[other] || cosineOfRows(pictures, row, pictures, other) <= threshold) continue;
      duplicates[row]?.add(other);
      duplicates[other]?.add(row);
    }
  }
  return duplicates;
}

/** The number of panels whose picture is nearly that of an earlier one. */
export function countNearDuplicates(duplicates: readonly ReadonlySet<number>[]): number {
  return duplicates.filter((others, row) => [...others].some((other) => other < row)).length;
}
