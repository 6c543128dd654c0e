import { PanelvecError } from '../../errors.ts';
import { toUnitLength } from '../../util/vectors.ts';

/** A direction of a query. A negative weight points away from it. */
export interface WeightedVector {
  /** Of unit length */
  readonly vector: Float32Array;
  readonly weight: number;
}

/** A sum shorter than this has no direction but that of rounding errors. */
const MIN_LENGTH = 1e-3;

/** The vector of unit length that a query searches by: the weighted sum of its parts. @throws PanelvecError invalid_request naming `weights` */
export function combineVectors(parts: readonly WeightedVector[]): Float32Array {
  const sum = new Float32Array(parts[0]?.vector.length ?? 0);
  for (const { vector, weight } of parts)
    for (const [i, value] of vector.entries()) sum[i] = (sum[i] ?? 0) + weight * value;
  if (Math.hypot(...sum) < MIN_LENGTH) {
    const message = 'the parts of the query cancel each other out: weigh one of them more';
    throw new PanelvecError('invalid_request', message, { param: 'weights' });
  }
  return toUnitLength(sum);
}

/** The mean direction of vectors of unit length. */
export function meanDirection(vectors: readonly Float32Array[]): Float32Array {
  const [first] = vectors;
  if (first === undefined) throw new RangeError('there is no vector');
  if (vectors.length === 1) return first;
  return combineVectors(vectors.map((vector) => ({ vector, weight: 1 / vectors.length })));
}
