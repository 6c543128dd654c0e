import { Add, Greater, Mul, ReduceSum, Sub, Unsqueeze, Where } from '../../graph/ops/operators.ts';
import { scalar, type Value } from '../../graph/value.ts';
import { l2Normalize, logSumExp, maskedMean, similarities } from './similarity.ts';

/** Replaces the logits of rows that are masked out. */
const MASKED_LOGIT = -1e9;

export interface AlignmentOptions {
  readonly temperature: number;
  /** Whether second vectors are also aligned to first ones */
  readonly symmetric: boolean;
}

/**
 * InfoNCE (van den Oord et al. 2018, arXiv:1807.03748) between two kinds of vectors: the cross-entropy of cosines over a
 * temperature, with the same row as the positive, over the rows that have both kinds.
 * @param first (n, d)
 * @param second (n, d)
 * @param mask (n), ones for the rows that have both
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
