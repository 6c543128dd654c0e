import type { Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { unitLength } from '../unit-length.ts';
import { linear } from './layers.ts';

/** Text vector of the pooled features: (n, features) -> (n, d) */
export function textBranch(weights: WeightSource, spec: HeadSpec, features: Value): Value {
  const transformed = spec.textTransform === 'unit_length' ? unitLength(features) : features;
  return linear(weights, 'text.proj', transformed, spec.dimensions);
}
