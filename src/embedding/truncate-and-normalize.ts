/** The first `dimensions` numbers, then unit length where asked for. A vector of zeros stays as it is. */
export function truncateAndNormalize(vector: Float32Array, dimensions: number, normalize: boolean): Float32Array {
  const truncated = dimensions < vector.length ? vector.slice(0, dimensions) : vector;
  if (!normalize) return truncated;
  let squares = 0;
  for (const value of truncated) squares += value * value;
  const length = Math.sqrt(squares);
  return length === 0 ? truncated : truncated.map((value) => value / length);
}

export function isFiniteVector(vector: Float32Array): boolean {
  return vector.every(Number.isFinite);
}
