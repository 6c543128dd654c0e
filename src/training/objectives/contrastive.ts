import { Cast, Div, Greater, Max, Mul, ReduceSum, Sub, Where } from '../../graph/ops/operators.ts';
import { scalar, type Value } from '../../graph/value.ts';
import { pairwiseEqual, rowIndices, sameGroupMask } from './pair-masks.ts';
import { l2Normalize, logSumExp, maskedMean, similarities } from './similarity.ts';

/** Replaces the similarity of a panel to itself. */
const MASKED_LOGIT = -1e9;

/**
 * Supervised contrastive loss over all panels of a batch, those of the same page being positives (Khosla et al. 2020,
 * arXiv:2004.11362, L_out): the mean over panels of the mean over their positives of -log softmax. A panel that is alone
 * on its page has no positives and is a negative only.
 * @param vectors (n, d), of any length
 * @param page int64 (n), the index of each panel's page
 */
export function contrastive(vectors: Value, page: Value, temperature: number): Value {
  const rows = rowIndices(page);
  const normalized = l2Normalize(vectors);
  const logits = Where(
    pairwiseEqual(rows, rows),
    scalar(MASKED_LOGIT),
    similarities(normalized, normalized, temperature),
  );
  const logProbabilities = Sub(logits, logSumExp(logits));
  const positives = sameGroupMask(page);
  const count = ReduceSum(positives, [1], false);
  const mean = Div(ReduceSum(Mul(logProbabilities, positives), [1], false), Max(count, scalar(1)));
  return maskedMean(Mul(mean, scalar(-1)), Cast(Greater(count, scalar(0)), 'float32'));
}
