import { type ErrorFields, PanelvecError } from '../errors.ts';
import { DTYPES, type DType } from './dtype.ts';

import type { Attributes, OpName } from './ops/op-attributes.ts';
import type { OpInputs, OpOutputs } from './ops/op-operands.ts';
import { type Dim, elementCount, formatShape, type Shape } from './shape.ts';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** The type of a tensor whose sizes are all known. */
interface StaticTensorType extends TensorType {
  readonly shape: readonly number[];
}

/** A tensor that is fed at run time. */
export interface InputValue {
  readonly kind: 'input';
  readonly name: string;
  readonly type: TensorType;
}

/** A named weight. Not a constant, because training treats it as a variable. */
export interface ParameterValue {
  readonly kind: 'parameter';
  readonly name: string;
  readonly type: StaticTensorType;
  /** Elements in row-major order, little-endian. A view: nothing copies it before it is emitted. */
  readonly bytes: Uint8Array;
}

/** A few numbers that are part of the graph: axes, target shapes, factors. */
export interface ConstantValue {
  readonly kind: 'constant';
  readonly type: StaticTensorType;
  readonly data: readonly number[];
}

/** One output of an operator. */
export interface ResultValue<K extends OpName = OpName> {
  readonly kind: 'result';
  readonly node: OpNode<K>;
  readonly index: number;
  readonly type: TensorType;
}

export type Value = InputValue | ParameterValue | ConstantValue | ResultValue;

/** One application of an ONNX operator: plain frozen data. An optional input that is left out is `undefined`. */
export interface OpNode<K extends OpName = OpName> {
  readonly op: K;
  readonly name: string | undefined;
  readonly inputs: NodeInputs<K>;
  readonly attributes: Attributes[K];
  readonly outputTypes: OutputTypes<K>;
}

export type NodeInputs<K extends OpName> = OpInputs<Value, ConstantValue>[K];
export type OutputTypes<K extends OpName> = OpOutputs<TensorType>[K];
export type NodeOutputs<K extends OpName> = OpOutputs<ResultValue>[K];

/** A graph that cannot exist: shapes or types that do not fit, a name used twice. The message names the node. */
export class GraphError extends PanelvecError {
  constructor(message: string, fields: ErrorFields = {}) {
    super('graph_invalid', message, fields);
    this.name = 'GraphError';
  }
}

/** The values of a node's outputs, in order. */
export function nodeOutputs<K extends OpName>(node: OpNode<K>): NodeOutputs<K> {
  const types: readonly TensorType[] = node.outputTypes;
  const outputs = types.map((type, index): ResultValue => Object.freeze({ kind: 'result', node, index, type }));
  // `map` keeps the number of elements, but the type of its result does not say so.
  return outputs as readonly ResultValue[] as NodeOutputs<K>;
}

export function isResultOf<K extends OpName>(value: Value | undefined, op: K): value is ResultValue<K> {
  return value?.kind === 'result' && value.node.op === op;
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

export function tensorType<D extends Dim>(dtype: DType, shape: readonly D[]): TensorType & { shape: readonly D[] } {
  return Object.freeze({ dtype, shape: Object.freeze([...shape]) });
}

export function describeValue(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  const label = value.kind === 'input' || value.kind === 'parameter' ? `${value.name}: ` : '';
  return `${label}${value.type.dtype} ${formatShape(value.type.shape)}`;
}
