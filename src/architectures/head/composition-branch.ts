import { Relu } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { axisSize } from '../weight-sizes.ts';
import { type HeadMode, linear } from './layers.ts';

/** Two hidden layers with BatchNorm, ReLU and dropout, then a linear one: (n, 7) -> (n, d) */
export function compositionBranch(weights: WeightSource, features: Value, dimensions: number, mode: HeadMode): Value {
  const hidden = axisSize(weights, 'comp.mlp.0.weight', 0);
  const first = Relu(mode.batchNorm(weights, 'comp.mlp.1', linear(weights, 'comp.mlp.0', features, hidden)));
  const afterDropout = mode.dropout(first, 'comp.mlp.3');
  const second = Relu(mode.batchNorm(weights, 'comp.mlp.5', linear(weights, 'comp.mlp.4', afterDropout, hidden)));
  return linear(weights, 'comp.mlp.8', mode.dropout(second, 'comp.mlp.7'), dimensions);
}
