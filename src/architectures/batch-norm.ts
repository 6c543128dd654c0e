import { BatchNormalization } from '../graph/ops/operators.ts';
import type { Value } from '../graph/value.ts';
import type { WeightSource } from '../weights/weight-source.ts';

/** nn.BatchNorm1d or 2d with its running statistics, over axis 1 */
export function batchNorm(weights: WeightSource, prefix: string, x: Value, epsilon: number, name?: string): Value {
  const width = x.type.shape[1] as number;
  const vector = (key: string) => weights.parameter(`${prefix}.${key}`, [width]);
  const statistics = {
    scale: vector('weight'),
    bias: vector('bias'),
    mean: vector('running_mean'),
    variance: vector('running_var'),
  };
  return BatchNormalization(x, statistics, epsilon, name);
}
