import { Gelu } from '../../graph/ops/index.ts';
import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { layerNorm, linear } from './layers.ts';
import type { Mode } from './mode.ts';

/** Linear, LayerNorm, GELU, dropout, Linear, LayerNorm: (n, in) -> (n, d). The hidden width is the weights' own. */
export function adaptation(weights: WeightSource, prefix: string, x: Value, dimensions: number, mode: Mode): Value {
  const hidden = weights.shape(`${prefix}.0.weight`)[0]!;
  const inner = Gelu(layerNorm(weights, `${prefix}.1`, linear(weights, `${prefix}.0`, x, hidden)));
  const kept = mode.dropout(inner, `${prefix}.3`);
  return layerNorm(weights, `${prefix}.5`, linear(weights, `${prefix}.4`, kept, dimensions));
}
