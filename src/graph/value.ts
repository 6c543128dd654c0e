import { DTYPES, type DType } from './dtype.ts';
import { GraphError } from './graph-error.ts';
import type { Attributes, OpName } from './ops/op-attributes.ts';
import { elementCount, formatShape, type Shape } from './shape.ts';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Something fed at run time. */
export interface InputValue {
  readonly kind: 'input';
  readonly name: string;
  readonly type: TensorType;
}

/** A named weight. Held apart from constants, because training treats it as a variable. */
export interface ParameterValue {
  readonly kind: 'parameter';
  readonly name: string;
  readonly type: TensorType;
  /** Elements in row-major order, little-endian; a view, never copied before it is emitted. */
  readonly bytes: Uint8Array;
}

/** A number, or a few, that the arithmetic needs: axes, target shapes, factors. */
export interface ConstantValue {
  readonly kind: 'constant';
  readonly type: TensorType;
  readonly data: readonly number[];
}

/** One output of an operator. */
export interface ResultValue {
  readonly kind: 'result';
  readonly node: OpNode;
  readonly index: number;
  readonly type: TensorType;
}

export type Value = InputValue | ParameterValue | ConstantValue | ResultValue;

/** One application of an ONNX operator: plain frozen data. `undefined` marks an optional input left out. */
export interface OpNode<K extends OpName = OpName> {
  readonly op: K;
  readonly name: string | undefined;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes[K];
  readonly types: readonly TensorType[];
}

export function input(name: string, dtype: DType, shape: Shape): InputValue {
  return Object.freeze({ kind: 'input', name, type: tensorType(dtype, shape) });
}

export function parameter(name: string, dtype: DType, shape: readonly number[], bytes: Uint8Array): ParameterValue {
  const expected = elementCount(shape) * DTYPES[dtype].bytes;
  if (bytes.byteLength !== expected) {
    throw new GraphError(
      `parameter "${name}" of ${dtype} ${formatShape(shape)} takes ${expected} bytes, not ${bytes.byteLength}`,
    );
  }
  return Object.freeze({ kind: 'parameter', name, type: tensorType(dtype, shape), bytes });
}

export function constant(dtype: DType, shape: readonly number[], data: readonly number[]): ConstantValue {
  if (elementCount(shape) !== data.length) {
    throw new GraphError(`constant of ${dtype} ${formatShape(shape)} takes ${elementCount(shape)} numbers`);
  }
  return Object.freeze({ kind: 'constant', type: tensorType(dtype, shape), data: Object.freeze([...data]) });
}

/** A float32 scalar. */
export function scalar(value: number): ConstantValue {
  return constant('float32', [], [value]);
}

/** An int64 vector, the form in which ONNX takes axes and shapes. */
export function int64Vector(values: readonly number[]): ConstantValue {
  return constant('int64', [values.length], values);
}

export function tensorType(dtype: DType, shape: Shape): TensorType {
  return Object.freeze({ dtype, shape: Object.freeze([...shape]) });
}

export function describeValue(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  const label = value.kind === 'input' || value.kind === 'parameter' ? `${value.name}: ` : '';
  return `${label}${value.type.dtype} ${formatShape(value.type.shape)}`;
}
