import { type DType, isFloating } from '../dtype.ts';
import type { Dim, Shape } from '../shape.ts';
import type { TensorType, Value } from '../value.ts';

/** An error of an shape rule. `applyOp` turns it into a GraphError that names the operator and its inputs. */
export class ShapeInferenceError extends Error {}

interface ShapesByRank {
  1: readonly [Dim];
  2: readonly [Dim, Dim];
  3: readonly [Dim, Dim, Dim];
  4: readonly [Dim, Dim, Dim, Dim];
}

/** A tensor type whose number of dimensions the compiler knows. */
export type RankedType<R extends keyof ShapesByRank> = TensorType & { readonly shape: ShapesByRank[R] };

export function expectFloating<T extends TensorType>(type: T): T {
  if (!isFloating(type.dtype)) throw new ShapeInferenceError(`${type.dtype} is not a floating type`);
  return type;
}

export function expectDtype<T extends TensorType>(type: T, dtype: DType): T {
  if (type.dtype !== dtype) throw new ShapeInferenceError(`expected ${dtype}, not ${type.dtype}`);
  return type;
}

export function commonDtype(types: readonly TensorType[]): DType {
  const [first, ...rest] = types.map((type) => type.dtype);
  if (first === undefined) throw new ShapeInferenceError('at least one input is needed');
  if (rest.some((dtype) => dtype !== first)) throw new ShapeInferenceError('the element types differ');
  return first;
}

export function expectRank<R extends keyof ShapesByRank>(type: TensorType, rank: R): RankedType<R> {
  if (hasRank(type, rank)) return type;
  throw new ShapeInferenceError(`expected ${rank} dimensions, not ${type.shape.length}`);
}

function hasRank<R extends keyof ShapesByRank>(type: TensorType, rank: R): type is RankedType<R> {
  return type.shape.length === rank;
}

/** The index of an axis, which may be counted from the end. */
export function normalizeAxis(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || index < 0 || index >= rank) {
    throw new ShapeInferenceError(`axis ${axis} is not one of ${rank} dimensions`);
  }
  return index;
}

/** The indices of axes, none of which may repeat. */
export function normalizeAxes(axes: readonly number[], rank: number): ReadonlySet<number> {
  const indices = new Set(axes.map((axis) => normalizeAxis(axis, rank)));
  if (indices.size < axes.length) throw new ShapeInferenceError(`the axes [${axes.join(', ')}] repeat`);
  return indices;
}

/** The size of an axis. @throws ShapeInferenceError where it is not known before run time */
export function knownSize(shape: Shape, axis: number): number {
  const size = shape[axis];
  if (typeof size === 'number') return size;
  throw new ShapeInferenceError(`the size of axis ${axis} is unknown`);
}

export function expectEqualDims(a: Dim | undefined, b: Dim | undefined, description: string): void {
  if (a !== b) throw new ShapeInferenceError(`${description} differ: ${a} and ${b}`);
}

/**
 * The numbers of input `index`, which must be a constant, because the shape of the output depends on them. The check at
 * run time is for graphs whose leaves were rewritten.
 */
export function constantData(value: Value, index: number): readonly number[] {
  if (value.kind !== 'constant') throw new ShapeInferenceError(`input ${index} must be a constant`);
  return value.data;
}
