import type { DType } from '../dtype.ts';
import { isFloating } from '../dtype.ts';
import type { Dim } from '../shape.ts';
import type { TensorType, Value } from '../value.ts';

/** What an inference rule throws; `node` turns it into a GraphError that names the operator and its inputs. */
export class Misfit extends Error {}

export function typeOf(inputs: readonly (Value | undefined)[], at: number): TensorType {
  const value = inputs[at];
  if (value === undefined) throw new Misfit(`input ${at} is missing`);
  return value.type;
}

export function floating(type: TensorType): TensorType {
  if (!isFloating(type.dtype)) throw new Misfit(`${type.dtype} is not a floating type`);
  return type;
}

export function ofType(type: TensorType, dtype: DType): TensorType {
  if (type.dtype !== dtype) throw new Misfit(`expected ${dtype}, not ${type.dtype}`);
  return type;
}

export function sameDtype(types: readonly TensorType[]): DType {
  const [first, ...rest] = types.map((type) => type.dtype);
  if (first === undefined) throw new Misfit('at least one input is needed');
  if (rest.some((dtype) => dtype !== first)) throw new Misfit('the element types differ');
  return first;
}

export function rank(type: TensorType, expected: number): TensorType {
  if (type.shape.length !== expected) throw new Misfit(`expected ${expected} dimensions, not ${type.shape.length}`);
  return type;
}

/** A possibly negative axis as an index into `shape`. */
export function axisOf(axis: number, length: number): number {
  const index = axis < 0 ? axis + length : axis;
  if (!Number.isInteger(axis) || index < 0 || index >= length) {
    throw new Misfit(`axis ${axis} is not one of ${length} dimensions`);
  }
  return index;
}

/** Axes as indices, each once. */
export function distinctAxes(axes: readonly number[], length: number): ReadonlySet<number> {
  const indices = new Set(axes.map((axis) => axisOf(axis, length)));
  if (indices.size < axes.length) throw new Misfit(`the axes [${axes.join(', ')}] repeat`);
  return indices;
}

export function equalDims(a: Dim | undefined, b: Dim | undefined, what: string): void {
  if (a !== b) throw new Misfit(`${what} differ: ${a} and ${b}`);
}

/** The numbers of an input that must be a constant, because the output's shape depends on them. */
export function constantData(inputs: readonly (Value | undefined)[], at: number): readonly number[] {
  const value = inputs[at];
  if (value?.kind !== 'constant') throw new Misfit(`input ${at} must be a constant`);
  return value.data;
}
