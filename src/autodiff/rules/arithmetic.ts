import { isFloating } from '../../graph/dtype.ts';
import { And, Cast, Cos, Div, Exp, Greater, Mul, Sin, Sub, Where } from '../../graph/ops/index.ts';
import { number, type Rule } from './rule.ts';

export const add: Rule<'Add'> = ({ gradient }) => [gradient, gradient];

export const sub: Rule<'Sub'> = ({ gradient }) => [gradient, Mul(gradient, number(gradient, -1))];

export const mul: Rule<'Mul'> = ({ inputs: [a, b], gradient }) => [Mul(gradient, b!), Mul(gradient, a!)];

export const div: Rule<'Div'> = ({ inputs: [, b], outputs: [y], gradient }) => {
  const quotient = Div(gradient, b!);
  return [quotient, Mul(Mul(quotient, y!), number(gradient, -1))];
};

/** Where the two are equal, the first has it. */
export const max: Rule<'Max'> = ({ inputs: [a, b], gradient }) => {
  const second = Greater(b!, a!);
  const zero = number(gradient, 0);
  return [Where(second, zero, gradient), Where(second, gradient, zero)];
};

/** Nothing for what was cut off. */
export const clip: Rule<'Clip'> = ({ inputs: [x, low, high], gradient }) => [
  Where(And(Greater(x!, low!), Greater(high!, x!)), gradient, number(gradient, 0)),
];

export const where: Rule<'Where'> = ({ inputs: [condition], gradient }) => {
  const zero = number(gradient, 0);
  return [undefined, Where(condition!, gradient, zero), Where(condition!, zero, gradient)];
};

export const cast: Rule<'Cast'> = ({ inputs: [x], gradient }) => [
  isFloating(x!.type.dtype) ? Cast(gradient, x!.type.dtype) : undefined,
];

export const exp: Rule<'Exp'> = ({ outputs: [y], gradient }) => [Mul(gradient, y!)];

export const log: Rule<'Log'> = ({ inputs: [x], gradient }) => [Div(gradient, x!)];

export const sqrt: Rule<'Sqrt'> = ({ outputs: [y], gradient }) => [Div(Mul(gradient, number(gradient, 0.5)), y!)];

export const sin: Rule<'Sin'> = ({ inputs: [x], gradient }) => [Mul(gradient, Cos(x!))];

export const cos: Rule<'Cos'> = ({ inputs: [x], gradient }) => [Mul(gradient, Mul(Sin(x!), number(gradient, -1)))];

/** 2 / sqrt(pi) exp(-x^2) */
export const erf: Rule<'Erf'> = ({ inputs: [x], gradient }) => {
  const bell = Exp(Sub(number(gradient, 0), Mul(x!, x!)));
  return [Mul(gradient, Mul(bell, number(gradient, 2 / Math.sqrt(Math.PI))))];
};

export const identity: Rule<'Identity'> = ({ attributes: { detached }, gradient }) => [detached ? undefined : gradient];
