import { Gelu } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { HeadMode } from './head-mode.ts';
import { layerNorm, linear } from './layers.ts';

/** Linear, LayerNorm, GELU, dropout, Linear, LayerNorm: (n, in) -> (n, d). The hidden width is the weights' own. */
export function adaptationBlock(
  weights: WeightSource,
  prefix: string,
  x: Value,
  dimensions: number,
  mode: HeadMode,
): Value {
  const hidden = weights.shape(`${prefix}.0.weight`)[0]!;
  const activated = Gelu(layerNorm(weights, `${prefix}.1`, linear(weights, `${prefix}.0`, x, hidden)));
  const afterDropout = mode.dropout(activated, `${prefix}.3`);
  return layerNorm(weights, `${prefix}.5`, linear(weights, `${prefix}.4`, afterDropout, dimensions));
}
