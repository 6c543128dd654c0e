import { Add, Greater, Mul, ReduceSum, Sub, Unsqueeze, Where } from '../../graph/ops/index.ts';
import { scalar, type Value } from '../../graph/value.ts';
import { logSumExp, maskedMean, similarities, unit } from './similarity.ts';

/** In the place of a likeness to a row that has nothing to be like. */
const NOBODY = -1e9;

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
 * @param both (n), one for the rows that take part
 */
export function alignment(first: Value, second: Value, both: Value, options: AlignmentOptions): Value {
  const [a, b] = [unit(first), unit(second)];
  const there = toward(a, b, both, options.temperature);
  if (!options.symmetric) return there;
  return Mul(Add(there, toward(b, a, both, options.temperature)), scalar(0.5));
}

function toward(from: Value, to: Value, both: Value, temperature: number): Value {
  const logits = similarities(from, to, temperature);
  const takesPart = Greater(Unsqueeze(both, [0]), scalar(0));
  const all = logSumExp(Where(takesPart, logits, scalar(NOBODY)));
  const own = Mul(ReduceSum(Mul(from, to), [1], false), scalar(1 / temperature));
  return maskedMean(Sub(ReduceSum(all, [1], false), own), both);
}
