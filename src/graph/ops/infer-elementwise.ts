import { broadcastShapes, type Shape } from '../shape.ts';
import { type TensorType, tensorType, type Value } from '../value.ts';
import type { Attributes } from './attributes.ts';
import { axisOf, floating, Misfit, ofType, sameDtype, typeOf } from './expect.ts';

type Inputs = readonly (Value | undefined)[];

function broadcast(types: readonly TensorType[]): Shape {
  const shape = broadcastShapes(types.map((type) => type.shape));
  if (shape === undefined) throw new Misfit('the shapes do not broadcast');
  return shape;
}

function allTypes(inputs: Inputs): TensorType[] {
  return inputs.map((_, at) => typeOf(inputs, at));
}

export function arithmetic(inputs: Inputs): TensorType[] {
  const types = allTypes(inputs);
  return [tensorType(sameDtype(types), broadcast(types))];
}

export function comparison(inputs: Inputs): TensorType[] {
  const types = allTypes(inputs);
  sameDtype(types);
  return [tensorType('bool', broadcast(types))];
}

export function logical(inputs: Inputs): TensorType[] {
  const types = allTypes(inputs);
  for (const type of types) ofType(type, 'bool');
  return [tensorType('bool', broadcast(types))];
}

export function identity(inputs: Inputs): TensorType[] {
  return [typeOf(inputs, 0)];
}

export function floatingUnary(inputs: Inputs): TensorType[] {
  return [floating(typeOf(inputs, 0))];
}

/** Softmax and LpNormalization: the shape stays, the axis must be there. */
export function alongAxis(inputs: Inputs, { axis }: { axis: number }): TensorType[] {
  const x = floating(typeOf(inputs, 0));
  axisOf(axis, x.shape.length);
  return [x];
}

export function cast(inputs: Inputs, { to }: Attributes['Cast']): TensorType[] {
  return [tensorType(to, typeOf(inputs, 0).shape)];
}

export function where(inputs: Inputs): TensorType[] {
  const [condition, ...branches] = allTypes(inputs);
  ofType(condition!, 'bool');
  return [tensorType(sameDtype(branches), broadcast([condition!, ...branches]))];
}
