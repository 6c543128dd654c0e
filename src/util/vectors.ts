/** Cosine similarity of two vectors of the same length. NaN if either is zero. */
export function cosineSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, squaresOfA, squaresOfB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? Number.NaN, b[i] ?? Number.NaN];
    dot += x * y;
    squaresOfA += x * x;
    squaresOfB += y * y;
  }
  return dot / Math.sqrt(squaresOfA * squaresOfB);
}

/** The sum of the products of two vectors of the same length: their cosine, if both have unit length. */
export function dotProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? Number.NaN) * (b[i] ?? Number.NaN);
  return sum;
}

/**
 * The first `dimensions` numbers of a vector, scaled to unit length if `normalize` is set. A vector of zeros stays as it is.
 */
export function truncateAndNormalize(vector: Float32Array, dimensions: number, normalize: boolean): Float32Array {
  const truncated = dimensions < vector.length ? vector.slice(0, dimensions) : vector;
  return normalize ? toUnitLength(truncated) : truncated;
}

/** A vector scaled to unit length. A vector of zeros stays as it is. */
export function toUnitLength(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** Each row of a matrix, row by row, scaled to unit length. */
export function toUnitRows(rows: Float32Array, width: number): Float32Array {
  const result = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += width)
    result.set(toUnitLength(rows.subarray(start, start + width)), start);
  return result;
}

/** Whether no number is NaN or infinite. A loop, because `every` would double the time of a write to the feature cache. */
export function isFiniteVector(vector: Float32Array): boolean {
  for (let i = 0; i < vector.length; i++) if (!Number.isFinite(vector[i])) return false;
  return true;
}
