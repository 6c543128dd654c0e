import type { TensorType, Value } from '../value.ts';
import type { Attributes, OpName } from './attributes.ts';
import * as elementwise from './infer-elementwise.ts';
import * as linear from './infer-linear.ts';
import * as movement from './infer-movement.ts';
import * as reduction from './infer-reduction.ts';

/** From the inputs (with the data of constants) and attributes to the type of every output; throws a Misfit. */
export type Infer<K extends OpName> = (
  inputs: readonly (Value | undefined)[],
  attributes: Attributes[K],
) => readonly TensorType[];

/** Exhaustive: an operator in attributes.ts without a rule here does not compile. */
export const INFERENCE: { readonly [K in OpName]: Infer<K> } = {
  Add: elementwise.arithmetic,
  BatchNormalization: linear.batchNormalization,
  Cast: elementwise.cast,
  Clip: elementwise.floatingUnary,
  Concat: movement.concat,
  Conv: linear.conv,
  Cos: elementwise.floatingUnary,
  Div: elementwise.arithmetic,
  Flatten: movement.flatten,
  Gather: movement.gather,
  Gelu: elementwise.floatingUnary,
  Gemm: linear.gemm,
  GlobalAveragePool: reduction.globalAveragePool,
  Greater: elementwise.comparison,
  LayerNormalization: reduction.layerNormalization,
  LpNormalization: elementwise.alongAxis,
  MatMul: linear.matMul,
  Max: elementwise.arithmetic,
  Mul: elementwise.arithmetic,
  Range: movement.range,
  ReduceMean: reduction.reduce,
  ReduceSum: reduction.reduce,
  Relu: elementwise.floatingUnary,
  Reshape: movement.reshape,
  Shape: movement.shape,
  Sin: elementwise.floatingUnary,
  Slice: movement.slice,
  Softmax: elementwise.alongAxis,
  Split: movement.split,
  Sub: elementwise.arithmetic,
  Tanh: elementwise.floatingUnary,
  Transpose: movement.transpose,
  Unsqueeze: movement.unsqueeze,
  Where: elementwise.where,
};
