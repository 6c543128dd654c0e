/** Vectors as a row-major matrix, each of unit length. */
export interface VectorRows {
  readonly dimensions: number;
  readonly values: Float32Array;
}

/** Cosines that differ by less are equal: float32 knows no better. */
export const TIE = 1e-6;

/** The product of one row with another: their cosine, because rows have unit length. */
export function cosineOfRows(a: VectorRows, rowOfA: number, b: VectorRows, rowOfB: number): number {
  const { dimensions } = a;
  const [first, second] = [a.values, b.values];
  let sum = 0;
  for (let i = rowOfA * dimensions, j = rowOfB * dimensions, end = i + dimensions; i < end; i++, j++)
    sum += (first[i] ?? 0) * (second[j] ?? 0);
  return sum;
}

/** The squared Euclidean distance of two rows. */
export function squaredDistanceOfRows(vectors: VectorRows, row: number, other: number): number {
  return Math.max(0, 2 - 2 * cosineOfRows(vectors, row, vectors, other));
}

/** The rows of a gallery that a view has. */
export function presentRows(
  { isPresent }: { readonly isPresent: readonly boolean[] },
  gallery: readonly number[],
): number[] {
  return gallery.filter((row) => isPresent[row]);
}

/** One row. */
export function vectorOf({ values, dimensions }: VectorRows, row: number): Float32Array {
  return values.subarray(row * dimensions, (row + 1) * dimensions);
}
