import { broadcastShapes, type Shape } from '../shape.ts';
import { type NodeInputs, type OutputTypes, type TensorType, tensorType, type Value } from '../value.ts';
import { commonDtype, expectDtype, expectFloating, normalizeAxis, ShapeInferenceError } from './input-checks.ts';
import type { Attributes } from './op-attributes.ts';

function broadcast(types: readonly TensorType[]): Shape {
  const shape = broadcastShapes(types.map((type) => type.shape));
  if (shape === undefined) throw new ShapeInferenceError('the shapes do not broadcast');
  return shape;
}

export function arithmetic(inputs: readonly Value[]): [TensorType] {
  const types = inputs.map(({ type }) => type);
  return [tensorType(commonDtype(types), broadcast(types))];
}

export function comparison(inputs: readonly Value[]): [TensorType] {
  const types = inputs.map(({ type }) => type);
  commonDtype(types);
  return [tensorType('bool', broadcast(types))];
}

export function logical(inputs: readonly Value[]): [TensorType] {
  const types = inputs.map(({ type }) => expectDtype(type, 'bool'));
  return [tensorType('bool', broadcast(types))];
}

export function identity([{ type }]: NodeInputs<'Identity'>): OutputTypes<'Identity'> {
  return [type];
}

/** Keeps the type of the first input, which must be floating. */
export function floatingUnary([{ type }]: readonly [Value, ...Value[]]): [TensorType] {
  return [expectFloating(type)];
}

/** Infers Softmax and LpNormalization: the shape stays, the axis must exist. */
export function alongAxis([{ type }]: readonly [Value], { axis }: { axis: number }): [TensorType] {
  const x = expectFloating(type);
  normalizeAxis(axis, x.shape.length);
  return [x];
}

export function cast([{ type }]: NodeInputs<'Cast'>, { to }: Attributes['Cast']): OutputTypes<'Cast'> {
  return [tensorType(to, type.shape)];
}

export function where([condition, yes, no]: NodeInputs<'Where'>): OutputTypes<'Where'> {
  const conditionType = expectDtype(condition.type, 'bool');
  const dtype = commonDtype([yes.type, no.type]);
  return [tensorType(dtype, broadcast([conditionType, yes.type, no.type]))];
}
