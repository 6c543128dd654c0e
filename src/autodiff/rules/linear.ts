import { Flatten, Gemm, MatMul } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import { type GradientRule, reshapeToMatch, swapLastAxes } from './gradient-rule.ts';

export const matMul: GradientRule<'MatMul'> = ({ inputs: [a, b], gradient }) => [
  MatMul(gradient, swapLastAxes(b)),
  rightGradient(a, b, gradient),
];

/** A single matrix on the right of a stack sees all rows of the stack as one matrix. */
function rightGradient(a: Value, b: Value, gradient: Value): Value {
  const rank = a.type.shape.length;
  if (b.type.shape.length > 2 || rank === 2) return MatMul(swapLastAxes(a), gradient);
  return Gemm(Flatten(a, rank - 1), Flatten(gradient, rank - 1), undefined, { transA: true });
}

export const gemm: GradientRule<'Gemm'> = ({ inputs: [a, b], attributes: { transA, transB }, gradient }) => {
  const gradientA = transA
    ? Gemm(b, gradient, undefined, { transA: transB, transB: true })
    : Gemm(gradient, b, undefined, { transB: !transB });
  const gradientB = transB
    ? Gemm(gradient, a, undefined, { transA: true, transB: transA })
    : Gemm(a, gradient, undefined, { transA: !transA });
  return [reshapeToMatch(gradientA, a), reshapeToMatch(gradientB, b), gradient];
};
