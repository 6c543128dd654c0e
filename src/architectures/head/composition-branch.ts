import { Relu } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { HeadMode } from './head-mode.ts';
import { linear } from './layers.ts';

/** (n, 7) -> (n, d): two hidden layers with BatchNorm, ReLU and dropout, one linear */
export function compositionBranch(weights: WeightSource, features: Value, dimensions: number, mode: HeadMode): Value {
  const hidden = weights.shape('comp.mlp.0.weight')[0]!;
  const first = Relu(mode.batchNorm(weights, 'comp.mlp.1', linear(weights, 'comp.mlp.0', features, hidden)));
  const afterDropout = mode.dropout(first, 'comp.mlp.3');
  const second = Relu(mode.batchNorm(weights, 'comp.mlp.5', linear(weights, 'comp.mlp.4', afterDropout, hidden)));
  return linear(weights, 'comp.mlp.8', mode.dropout(second, 'comp.mlp.7'), dimensions);
}
