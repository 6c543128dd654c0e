import type { HeadMode } from '../../architectures/head/layers.ts';
import { linear } from '../../architectures/head/layers.ts';
import { Detach, Div, Gather, Gelu, MatMul, Max, Mul, ReduceMean, ReduceSum, Sub } from '../../graph/ops/operators.ts';
import { scalar, type Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { sameGroupMask } from './pair-masks.ts';
import { maskedMean } from './similarity.ts';

/** The prefix of the keys of this objective's own layers. */
export const RECONSTRUCTION_HEAD = 'objectives.reconstruction_head';

export interface MaskedPanels {
  /** int64 (p): the row of the hidden panel of each page */
  readonly rows: Value;
  /** (p): ones for pages that have other panels to predict it from */
  readonly counts: Value;
}

/**
 * Masked-panel reconstruction: the mean squared error of predicting the hidden panel of each page from the mean of the page's
 * other panels.
 * @param vectors (n, d)
 * @param page int64 (n), the index of each panel's page
 * @param detachTarget whether no gradient flows to the hidden panel, only to its prediction
 */
export function reconstruction(
  weights: WeightSource,
  mode: HeadMode,
  { vectors, page, masked, detachTarget }: { vectors: Value; page: Value; masked: MaskedPanels; detachTarget: boolean },
): Value {
  const contextMask = Gather(sameGroupMask(page), masked.rows, 0);
  const context = Div(MatMul(contextMask, vectors), Max(ReduceSum(contextMask, [1], true), scalar(1)));
  const target = Gather(vectors, masked.rows, 0);
  const difference = Sub(predictHidden(weights, mode, context), detachTarget ? Detach(target) : target);
  return maskedMean(ReduceMean(Mul(difference, difference), [1], false), masked.counts);
}

/** Linear, GELU, dropout, Linear: (p, d) -> (p, d) */
function predictHidden(weights: WeightSource, mode: HeadMode, context: Value): Value {
  const dimensions = context.type.shape[1] as number;
  const inner = Gelu(linear(weights, `${RECONSTRUCTION_HEAD}.0`, context, 2 * dimensions));
  return linear(weights, `${RECONSTRUCTION_HEAD}.3`, mode.dropout(inner, `${RECONSTRUCTION_HEAD}.2`), dimensions);
}
