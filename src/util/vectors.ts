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

/** The cosine of two vectors of the same length that have unit length; zero if either is zero. */
export function dotProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? Number.NaN) * (b[i] ?? Number.NaN);
  return sum;
}

/**
 * The first `dimensions` numbers of a vector, scaled to unit length if `normalize` is set. A vector of zeros stays as it is.
 */
export function truncateAndNormalize(vector: Float32Array, dimensions: number, normalize: boolean): Float32Array {
  const truncated = dimensions < vector.length ? vector.slice(0, dimensions) : vector;
  if (!normalize) return truncated;
  let squares = 0;
  for (const value of truncated) squares += value * value;
  const length = Math.sqrt(squares);
  return length === 0 ? truncated : truncated.map((value) => value / length);
}

/** Whether no number is NaN or infinite. A loop, because `every` would double the time of a write to the feature cache. */
export function isFiniteVector(vector: Float32Array): boolean {
  for (let i = 0; i < vector.length; i++) if (!Number.isFinite(vector[i])) return false;
  return true;
}
