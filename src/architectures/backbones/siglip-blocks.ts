import type { Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import type { Lowering, Norm } from '../lowering/lowering.ts';

export const SIGLIP_EPSILON = 1e-6;

/** Sizes of the blocks of a SigLIP encoder. */
export interface SiglipBlockSizes {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width between the two linear layers of a block */
  readonly hidden: number;
}

/**
 * The pre-norm blocks that both towers of SigLIP have, and the norm behind them: (n, t, d) -> (n, t, d). Nothing is masked.
 * @param finalNorm key of the norm behind the blocks
 */
export function siglipBlocks(
  weights: WeightSource,
  sizes: SiglipBlockSizes,
  embedded: Value,
  finalNorm: string,
  lowering: Lowering,
): Value {
  const norm = (key: string): Norm => ({ weights, key, epsilon: SIGLIP_EPSILON });
  const layerKey = (index: number, part: string) => `encoder.layers.${index}.${part}`;
  let sum = embedded;
  let normed = lowering.norm(sum, norm(layerKey(0, 'layer_norm1')));
  for (let i = 0; i < sizes.layers; i++) {
    const linear = (part: string, out: number) => ({ weights, key: layerKey(i, part), out });
    const attention = {
      query: linear('self_attn.q_proj', sizes.width),
      key: linear('self_attn.k_proj', sizes.width),
      value: linear('self_attn.v_proj', sizes.width),
      output: linear('self_attn.out_proj', sizes.width),
      heads: sizes.heads,
    };
    ({ sum, normed } = lowering.attentionResidualNorm(normed, attention, sum, norm(layerKey(i, 'layer_norm2'))));
    const hidden = lowering.linearGelu(normed, linear('mlp.fc1', sizes.hidden), 'tanh');
    const next = i + 1 < sizes.layers ? layerKey(i + 1, 'layer_norm1') : finalNorm;
    ({ sum, normed } = lowering.linearResidualNorm(hidden, linear('mlp.fc2', sizes.width), sum, norm(next)));
  }
  return normed;
}
