import type { ParameterValue } from '../graph/value.ts';

/** The weights of a model. Its code asks for each by its upstream key and shape. */
export interface WeightSource {
  has(key: string): boolean;
  /** The shape of a weight. @throws WeightsError where there is none */
  shape(key: string): readonly number[];
  /** A float32 parameter, named by its whole key. @throws WeightsError where it is missing or has another shape or type */
  parameter(key: string, shape: readonly number[]): ParameterValue;
  /** The same weights, with a prefix before every key that is asked for. */
  withPrefix(prefix: string): WeightSource;
}
