import type { DType } from '../dtype.ts';
import { isFloating } from '../dtype.ts';
import type { Dim } from '../shape.ts';
import type { TensorType, Value } from '../value.ts';

/** What an inference rule throws; `node` turns it into a GraphError that names the operator and its inputs. */
export class ShapeInferenceError extends Error {}

export function inputType(inputs: readonly (Value | undefined)[], index: number): TensorType {
  const value = inputs[index];
  if (value === undefined) throw new ShapeInferenceError(`input ${index} is missing`);
  return value.type;
}

export function expectFloating(type: TensorType): TensorType {
  if (!isFloating(type.dtype)) throw new ShapeInferenceError(`${type.dtype} is not a floating type`);
  return type;
}

export function expectDtype(type: TensorType, dtype: DType): TensorType {
  if (type.dtype !== dtype) throw new ShapeInferenceError(`expected ${dtype}, not ${type.dtype}`);
  return type;
}

export function commonDtype(types: readonly TensorType[]): DType {
  const [first, ...rest] = types.map((type) => type.dtype);
  if (first === undefined) throw new ShapeInferenceError('at least one input is needed');
  if (rest.some((dtype) => dtype !== first)) throw new ShapeInferenceError('the element types differ');
  return first;
}

export function expectRank(type: TensorType, expected: number): TensorType {
  if (type.shape.length !== expected)
    throw new ShapeInferenceError(`expected ${expected} dimensions, not ${type.shape.length}`);
  return type;
}

/** A possibly negative axis as an index into `shape`. */
export function normalizeAxis(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || index < 0 || index >= rank) {
    throw new ShapeInferenceError(`axis ${axis} is not one of ${rank} dimensions`);
  }
  return index;
}

/** Axes as indices, each once. */
export function normalizeAxes(axes: readonly number[], rank: number): ReadonlySet<number> {
  const indices = new Set(axes.map((axis) => normalizeAxis(axis, rank)));
  if (indices.size < axes.length) throw new ShapeInferenceError(`the axes [${axes.join(', ')}] repeat`);
  return indices;
}

export function expectEqualDims(a: Dim | undefined, b: Dim | undefined, description: string): void {
  if (a !== b) throw new ShapeInferenceError(`${description} differ: ${a} and ${b}`);
}

/** The numbers of an input that must be a constant, because the output's shape depends on them. */
export function constantData(inputs: readonly (Value | undefined)[], index: number): readonly number[] {
  const value = inputs[index];
  if (value?.kind !== 'constant') throw new ShapeInferenceError(`input ${index} must be a constant`);
  return value.data;
}
