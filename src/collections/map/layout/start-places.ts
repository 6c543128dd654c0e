import { Matrix } from 'ml-matrix';
import { CounterRandom } from '../../../util/counter-random.ts';
import { principalComponents } from '../../../vector-analysis/symmetric-eigenvectors.ts';
import type { Place } from '../../../vector-analysis/umap-layout.ts';
import { type VectorRows, vectorOf } from '../../../vector-analysis/vector-rows.ts';

/** Two directions are known well from few rows, and the time grows with the cube of their number. */
const MAX_SAMPLE = 400;
/** What UMAP starts from in its original implementation */
const EXTENT = 10;
/** Rows that are equal must not start at one place: nothing would part them. */
const NOISE = 1e-3;

/**
 * Places by the first two principal components, scaled to ±10. Where UMAP starts from there, groups that are alike
 * lie near each other, which a random start leaves to chance (Kobak and Linderman 2021).
 */
export function startPlaces(vectors: VectorRows, seed: number): Place[] {
  const { dimensions, values } = vectors;
  const count = values.length / dimensions;
  const random = new CounterRandom('map start', seed);
  const centre = meanOf(vectors, count);
  const directions = findDirections(vectors, Math.min(count, MAX_SAMPLE), centre);
  const scores = Array.from({ length: count }, (_, row) =>
    [0, 1].map((axis) =>
      directions[axis] === undefined ? 0 : scoreOf(vectorOf(vectors, row), centre, directions[axis]),
    ),
  );
  const largest = scores.flat().reduce((max, score) => Math.max(max, Math.abs(score)), 0) || 1;
  return scores.map(([x = 0, y = 0], row) => [
    (EXTENT * x) / largest + NOISE * (random.uniform(2 * row) - 0.5),
    (EXTENT * y) / largest + NOISE * (random.uniform(2 * row + 1) - 0.5),
  ]);
}

/** The principal directions of the first rows, from the products of rows: there may be fewer rows than dimensions. */
function findDirections(vectors: VectorRows, count: number, centre: Float64Array): Float64Array[] {
  const rows = new Matrix(
    Array.from({ length: count }, (_, row) =>
      Array.from(vectorOf(vectors, row), (value, i) => value - (centre[i] ?? 0)),
    ),
  );
  const { vectors: weights } = principalComponents(rows.mmul(rows.transpose()), 2);
  return weights.rows === 0
    ? []
    : weights
        .mmul(rows)
        .to2DArray()
        .map((direction) => Float64Array.from(direction));
}

function meanOf({ dimensions, values }: VectorRows, count: number): Float64Array {
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < values.length; i++) mean[i % dimensions] = (mean[i % dimensions] ?? 0) + (values[i] ?? 0) / count;
  return mean;
}

function scoreOf(vector: Float32Array, centre: Float64Array, direction: Float64Array): number {
  let score = 0;
  for (let i = 0; i < vector.length; i++) score += ((vector[i] ?? 0) - (centre[i] ?? 0)) * (direction[i] ?? 0);
  return score;
}
