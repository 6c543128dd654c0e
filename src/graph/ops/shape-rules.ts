import type { NodeInputs, OutputTypes } from '../value.ts';
import * as convolution from './infer-convolution.ts';
import * as elementwise from './infer-elementwise.ts';
import * as fused from './infer-fused.ts';
import * as linear from './infer-linear.ts';
import * as movement from './infer-movement.ts';
import * as reduction from './infer-reduction.ts';
import * as shapes from './infer-shapes.ts';
import type { Attributes, OpName } from './op-attributes.ts';

/**
 * Infers the type of every output from the inputs (with the data of constants) and the attributes.
 * @throws ShapeInferenceError
 */
export type ShapeRule<K extends OpName> = (inputs: NodeInputs<K>, attributes: Attributes[K]) => OutputTypes<K>;

/** Exhaustive: an operator in op-attributes.ts without a rule here does not compile. */
export const SHAPE_RULES: { readonly [K in OpName]: ShapeRule<K> } = {
  Add: elementwise.arithmetic,
  And: elementwise.logical,
  BatchNormalization: reduction.batchNormalization,
  BiasGelu: fused.biasGelu,
  Cast: elementwise.cast,
  Clip: elementwise.floatingUnary,
  Concat: movement.concat,
  Conv: convolution.conv,
  ConvTranspose: convolution.convTranspose,
  Cos: elementwise.floatingUnary,
  Div: elementwise.arithmetic,
  DynamicQuantizeMatMul: fused.dynamicQuantizeMatMul,
  Equal: elementwise.comparison,
  Erf: elementwise.floatingUnary,
  Exp: elementwise.floatingUnary,
  Expand: shapes.expand,
  FastGelu: fused.biasGelu,
  Flatten: shapes.flatten,
  Gather: movement.gather,
  Gelu: elementwise.floatingUnary,
  Gemm: linear.gemm,
  GlobalAveragePool: reduction.globalAveragePool,
  Greater: elementwise.comparison,
  Identity: elementwise.identity,
  LayerNormalization: reduction.layerNormalization,
  Log: elementwise.floatingUnary,
  LpNormalization: elementwise.alongAxis,
  MatMul: linear.matMul,
  Max: elementwise.arithmetic,
  MaxPool: convolution.maxPool,
  Mul: elementwise.arithmetic,
  MultiHeadAttention: fused.multiHeadAttention,
  Not: elementwise.logical,
  Pad: movement.pad,
  Range: shapes.range,
  ReduceMax: reduction.reduce,
  ReduceMean: reduction.reduce,
  ReduceSum: reduction.reduce,
  Relu: elementwise.floatingUnary,
  Reshape: shapes.reshape,
  ScatterElements: movement.scatterElements,
  Shape: shapes.shape,
  Sign: elementwise.floatingUnary,
  Sin: elementwise.floatingUnary,
  Size: shapes.size,
  SkipLayerNormalization: fused.skipLayerNormalization,
  Slice: movement.slice,
  Softmax: elementwise.alongAxis,
  Split: movement.split,
  Sqrt: elementwise.floatingUnary,
  Sub: elementwise.arithmetic,
  Tanh: elementwise.floatingUnary,
  Transpose: movement.transpose,
  Unsqueeze: shapes.unsqueeze,
  Where: elementwise.where,
};
