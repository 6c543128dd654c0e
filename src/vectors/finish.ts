/** The first `dimensions` numbers, then unit length where asked for. A vector of zeros stays as it is. */
export function finishVector(vector: Float32Array, dimensions: number, normalize: boolean): Float32Array {
  const cut = dimensions < vector.length ? vector.slice(0, dimensions) : vector;
  if (!normalize) return cut;
  let squares = 0;
  for (const value of cut) squares += value * value;
  const length = Math.sqrt(squares);
  return length === 0 ? cut : cut.map((value) => value / length);
}

export function isFiniteVector(vector: Float32Array): boolean {
  return vector.every(Number.isFinite);
}
