import { Add, Greater, Mul, ReduceSum, Sub, Unsqueeze, Where } from '../../graph/ops/operators.ts';
import { scalar, type Value } from '../../graph/value.ts';
import { l2Normalize, logSumExp, maskedMean, similarities } from './similarity.ts';

/** In the place of a likeness to a row that has nothing to be like. */
const MASKED_LOGIT = -1e9;

export interface AlignmentOptions {
  readonly temperature: number;
  /** From the second to the first, too */
  readonly symmetric: boolean;
}

/**
 * Each row's vector of one kind should be nearest to the same row's vector of the other kind: cross-entropy of cosines over
 * a temperature, over the rows that have both (InfoNCE, van den Oord et al. 2018, arXiv:1807.03748).
 * @param first (n, d)
 * @param second (n, d)
 * @param mask (n), one for the rows that take part
 */
export function alignment(first: Value, second: Value, mask: Value, options: AlignmentOptions): Value {
  const [a, b] = [l2Normalize(first), l2Normalize(second)];
  const forward = oneWayAlignment(a, b, mask, options.temperature);
  if (!options.symmetric) return forward;
  return Mul(Add(forward, oneWayAlignment(b, a, mask, options.temperature)), scalar(0.5));
}

function oneWayAlignment(from: Value, to: Value, mask: Value, temperature: number): Value {
  const logits = similarities(from, to, temperature);
  const isIncluded = Greater(Unsqueeze(mask, [0]), scalar(0));
  const logSums = logSumExp(Where(isIncluded, logits, scalar(MASKED_LOGIT)));
  const positiveLogits = Mul(ReduceSum(Mul(from, to), [1], false), scalar(1 / temperature));
  return maskedMean(Sub(ReduceSum(logSums, [1], false), positiveLogits), mask);
}
