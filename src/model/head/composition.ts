import { Relu } from '../../graph/ops/index.ts';
import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { batchNorm, linear } from './layers.ts';

/** (n, 7) -> (n, d): two hidden layers with BatchNorm and ReLU (dropout between them in training), one linear */
export function composition(weights: WeightSource, features: Value, dimensions: number): Value {
  const hidden = weights.shape('comp.mlp.0.weight')[0]!;
  const first = Relu(batchNorm(weights, 'comp.mlp.1', linear(weights, 'comp.mlp.0', features, hidden)));
  const second = Relu(batchNorm(weights, 'comp.mlp.5', linear(weights, 'comp.mlp.4', first, hidden)));
  return linear(weights, 'comp.mlp.8', second, dimensions);
}
