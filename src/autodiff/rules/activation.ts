import { Add, Div, Erf, Exp, Greater, Mul, ReduceSum, Sign, Sub, Tanh, Where } from '../../graph/ops/index.ts';
import type { Value } from '../../graph/value.ts';
import { number, type Rule } from './rule.ts';

export const relu: Rule<'Relu'> = ({ outputs: [y], gradient }) => {
  const zero = number(gradient, 0);
  return [Where(Greater(y!, zero), gradient, zero)];
};

export const tanh: Rule<'Tanh'> = ({ outputs: [y], gradient }) => [
  Mul(gradient, Sub(number(gradient, 1), Mul(y!, y!))),
];

export const gelu: Rule<'Gelu'> = ({ inputs: [x], attributes: { approximate }, gradient }) => [
  Mul(gradient, approximate === 'tanh' ? geluTanhSlope(x!) : geluSlope(x!)),
];

/** Phi(x) + x phi(x), of the normal distribution */
function geluSlope(x: Value): Value {
  const share = Mul(Add(Erf(Mul(x, number(x, Math.SQRT1_2))), number(x, 1)), number(x, 0.5));
  const bell = Mul(Exp(Mul(Mul(x, x), number(x, -0.5))), number(x, 1 / Math.sqrt(2 * Math.PI)));
  return Add(share, Mul(x, bell));
}

/** Of x (1 + tanh u) / 2 with u = a (x + b x^3): (1 + t) / 2 + x (1 - t^2) a (1 + 3 b x^2) / 2 */
function geluTanhSlope(x: Value): Value {
  const a = Math.sqrt(2 / Math.PI);
  const b = 0.044715;
  const square = Mul(x, x);
  const one = number(x, 1);
  const half = number(x, 0.5);
  const t = Tanh(Mul(Mul(x, number(x, a)), Add(one, Mul(square, number(x, b)))));
  const inner = Mul(Add(one, Mul(square, number(x, 3 * b))), number(x, a));
  const bend = Mul(Mul(x, Sub(one, Mul(t, t))), inner);
  return Mul(Add(Add(one, t), bend), half);
}

/** y (g - sum(g y)) */
export const softmax: Rule<'Softmax'> = ({ outputs: [y], attributes: { axis }, gradient }) => {
  const weighted = Mul(gradient, y!);
  return [Sub(weighted, Mul(y!, ReduceSum(weighted, [axis], true)))];
};

/** Of x / |x|: (g - y sum(g y)) / |x|, or with the sum of magnitudes as the norm (g - sign(x) sum(g y)) / |x| */
export const lpNormalization: Rule<'LpNormalization'> = ({ inputs, outputs, attributes: { axis, p }, gradient }) => {
  const [x, y] = [inputs[0]!, outputs[0]!];
  const along = ReduceSum(Mul(gradient, y), [axis], true);
  const direction = p === 2 ? y : Sign(x);
  // Either norm is the sum of x times its direction: no square root is needed.
  const norm = ReduceSum(Mul(x, direction), [axis], true);
  return [Div(Sub(gradient, Mul(direction, along)), norm)];
};
