import { broadcastShapes, type Shape } from '../shape.ts';
import { type TensorType, tensorType, type Value } from '../value.ts';
import {
  commonDtype,
  expectDtype,
  expectFloating,
  inputType,
  normalizeAxis,
  ShapeInferenceError,
} from './input-checks.ts';
import type { Attributes } from './op-attributes.ts';

type Inputs = readonly (Value | undefined)[];

function broadcast(types: readonly TensorType[]): Shape {
  const shape = broadcastShapes(types.map((type) => type.shape));
  if (shape === undefined) throw new ShapeInferenceError('the shapes do not broadcast');
  return shape;
}

function inputTypes(inputs: Inputs): TensorType[] {
  return inputs.map((_, i) => inputType(inputs, i));
}

export function arithmetic(inputs: Inputs): TensorType[] {
  const types = inputTypes(inputs);
  return [tensorType(commonDtype(types), broadcast(types))];
}

export function comparison(inputs: Inputs): TensorType[] {
  const types = inputTypes(inputs);
  commonDtype(types);
  return [tensorType('bool', broadcast(types))];
}

export function logical(inputs: Inputs): TensorType[] {
  const types = inputTypes(inputs);
  for (const type of types) expectDtype(type, 'bool');
  return [tensorType('bool', broadcast(types))];
}

export function identity(inputs: Inputs): TensorType[] {
  return [inputType(inputs, 0)];
}

export function floatingUnary(inputs: Inputs): TensorType[] {
  return [expectFloating(inputType(inputs, 0))];
}

/** Softmax and LpNormalization: the shape stays, the axis must be there. */
export function alongAxis(inputs: Inputs, { axis }: { axis: number }): TensorType[] {
  const x = expectFloating(inputType(inputs, 0));
  normalizeAxis(axis, x.shape.length);
  return [x];
}

export function cast(inputs: Inputs, { to }: Attributes['Cast']): TensorType[] {
  return [tensorType(to, inputType(inputs, 0).shape)];
}

export function where(inputs: Inputs): TensorType[] {
  const [condition, ...branches] = inputTypes(inputs);
  expectDtype(condition!, 'bool');
  return [tensorType(commonDtype(branches), broadcast([condition!, ...branches]))];
}
