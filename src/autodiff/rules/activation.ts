import { Add, Div, Erf, Exp, Greater, Mul, ReduceSum, Sign, Sub, Tanh, Where } from '../../graph/ops/operators.ts';
import type { Value } from '../../graph/value.ts';
import { type GradientRule, scalarLike } from './gradient-rule.ts';

export const relu: GradientRule<'Relu'> = ({ outputs: [y], gradient }) => {
  const zero = scalarLike(gradient, 0);
  return [Where(Greater(y, zero), gradient, zero)];
};

export const tanh: GradientRule<'Tanh'> = ({ outputs: [y], gradient }) => [
  Mul(gradient, Sub(scalarLike(gradient, 1), Mul(y, y))),
];

export const gelu: GradientRule<'Gelu'> = ({ inputs: [x], attributes: { approximate }, gradient }) => [
  Mul(gradient, approximate === 'tanh' ? geluTanhDerivative(x) : geluDerivative(x)),
];

/** Phi(x) + x phi(x), with the distribution and density functions of the normal distribution */
function geluDerivative(x: Value): Value {
  const cdf = Mul(Add(Erf(Mul(x, scalarLike(x, Math.SQRT1_2))), scalarLike(x, 1)), scalarLike(x, 0.5));
  const pdf = Mul(Exp(Mul(Mul(x, x), scalarLike(x, -0.5))), scalarLike(x, 1 / Math.sqrt(2 * Math.PI)));
  return Add(cdf, Mul(x, pdf));
}

/** The derivative of x (1 + tanh u) / 2 with u = a (x + b x^3): (1 + t) / 2 + x (1 - t^2) a (1 + 3 b x^2) / 2 */
function geluTanhDerivative(x: Value): Value {
  const a = Math.sqrt(2 / Math.PI);
  const b = 0.044715;
  const square = Mul(x, x);
  const one = scalarLike(x, 1);
  const half = scalarLike(x, 0.5);
  const t = Tanh(Mul(Mul(x, scalarLike(x, a)), Add(one, Mul(square, scalarLike(x, b)))));
  const innerDerivative = Mul(Add(one, Mul(square, scalarLike(x, 3 * b))), scalarLike(x, a));
  const secondTerm = Mul(Mul(x, Sub(one, Mul(t, t))), innerDerivative);
  return Mul(Add(Add(one, t), secondTerm), half);
}

/** The gradient of softmax: y (g - sum(g y)) */
export const softmax: GradientRule<'Softmax'> = ({ outputs: [y], attributes: { axis }, gradient }) => {
  const weighted = Mul(gradient, y);
  return [Sub(weighted, Mul(y, ReduceSum(weighted, [axis], true)))];
};

/** The gradient of x / |x|: (g - y sum(g y)) / |x|, or (g - sign(x) sum(g y)) / |x| where the norm is the sum of magnitudes. */
export const lpNormalization: GradientRule<'LpNormalization'> = ({
  inputs: [x],
  outputs: [y],
  attributes: { axis, p },
  gradient,
}) => {
  const projection = ReduceSum(Mul(gradient, y), [axis], true);
  const direction = p === 2 ? y : Sign(x);
  // Either norm is the sum of x times its direction: no square root is needed.
  const norm = ReduceSum(Mul(x, direction), [axis], true);
  return [Div(Sub(gradient, Mul(direction, projection)), norm)];
};
