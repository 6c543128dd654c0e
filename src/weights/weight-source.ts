import type { ParameterValue } from '../graph/value.ts';

/** A matrix in 8-bit integers: the float32 matrix has the product of each with the scale of its row. */
export interface QuantisedRows {
  /** int8 (rows, width) */
  readonly values: ParameterValue;
  /** float32 (rows, 1) */
  readonly scales: ParameterValue;
}

/** The weights of a model. Its code asks for each by its upstream key and shape. */
export interface WeightSource {
  has(key: string): boolean;
  /** The shape of a weight. @throws WeightsError where there is none */
  shape(key: string): readonly number[];
  /** A float32 parameter, named by its whole key. @throws WeightsError where it is missing or has another shape or type */
  parameter(key: string, shape: readonly number[]): ParameterValue;
  /** A matrix that is stored in 8-bit integers as such; undefined where it is not. @throws WeightsError as `parameter` does */
  quantisedRows(key: string, shape: readonly [number, number]): QuantisedRows | undefined;
  /** The same weights, with a prefix before every key that is asked for. */
  withPrefix(prefix: string): WeightSource;
}
