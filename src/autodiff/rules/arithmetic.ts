import { isFloating } from '../../graph/dtype.ts';
import { And, Cast, Cos, Div, Exp, Greater, Mul, Sin, Sub, Where } from '../../graph/ops/operators.ts';
import { type GradientRule, scalarLike } from './gradient-rule.ts';

export const add: GradientRule<'Add'> = ({ gradient }) => [gradient, gradient];

export const sub: GradientRule<'Sub'> = ({ gradient }) => [gradient, Mul(gradient, scalarLike(gradient, -1))];

export const mul: GradientRule<'Mul'> = ({ inputs: [a, b], gradient }) => [Mul(gradient, b), Mul(gradient, a)];

export const div: GradientRule<'Div'> = ({ inputs: [, b], outputs: [y], gradient }) => {
  const quotient = Div(gradient, b);
  return [quotient, Mul(Mul(quotient, y), scalarLike(gradient, -1))];
};

/** Where the two are equal, the gradient goes to the first. */
export const max: GradientRule<'Max'> = ({ inputs: [a, b], gradient }) => {
  const isSecondLarger = Greater(b, a);
  const zero = scalarLike(gradient, 0);
  return [Where(isSecondLarger, zero, gradient), Where(isSecondLarger, gradient, zero)];
};

/** No gradient goes to elements outside of the bounds. */
export const clip: GradientRule<'Clip'> = ({ inputs: [x, low, high], gradient }) => [
  Where(And(Greater(x, low), Greater(high, x)), gradient, scalarLike(gradient, 0)),
];

export const where: GradientRule<'Where'> = ({ inputs: [condition], gradient }) => {
  const zero = scalarLike(gradient, 0);
  return [undefined, Where(condition, gradient, zero), Where(condition, zero, gradient)];
};

export const cast: GradientRule<'Cast'> = ({ inputs: [x], gradient }) => [
  isFloating(x.type.dtype) ? Cast(gradient, x.type.dtype) : undefined,
];

export const exp: GradientRule<'Exp'> = ({ outputs: [y], gradient }) => [Mul(gradient, y)];

export const log: GradientRule<'Log'> = ({ inputs: [x], gradient }) => [Div(gradient, x)];

export const sqrt: GradientRule<'Sqrt'> = ({ outputs: [y], gradient }) => [
  Div(Mul(gradient, scalarLike(gradient, 0.5)), y),
];

export const sin: GradientRule<'Sin'> = ({ inputs: [x], gradient }) => [Mul(gradient, Cos(x))];

export const cos: GradientRule<'Cos'> = ({ inputs: [x], gradient }) => [
  Mul(gradient, Mul(Sin(x), scalarLike(gradient, -1))),
];

/** The derivative of erf: 2 / sqrt(pi) exp(-x^2) */
export const erf: GradientRule<'Erf'> = ({ inputs: [x], gradient }) => {
  const gaussian = Exp(Sub(scalarLike(gradient, 0), Mul(x, x)));
  return [Mul(gradient, Mul(gaussian, scalarLike(gradient, 2 / Math.sqrt(Math.PI))))];
};

export const identity: GradientRule<'Identity'> = ({ attributes: { detached }, gradient }) => [
  detached ? undefined : gradient,
];
