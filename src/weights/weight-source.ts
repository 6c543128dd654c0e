import type { ParameterValue } from '../graph/value.ts';

/** Where a model's code gets its weights from: it asks for each by its upstream key and shape. */
export interface WeightSource {
  has(key: string): boolean;
  /** Shape of a weight. @throws WeightsError where there is none */
  shape(key: string): readonly number[];
  /** A float32 parameter, named by its whole key. @throws WeightsError where it is missing, or of another shape or type */
  parameter(key: string, shape: readonly number[]): ParameterValue;
  /** The same weights, with this before every key that is asked for. */
  withPrefix(prefix: string): WeightSource;
}
