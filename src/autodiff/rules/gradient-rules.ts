import type { OpName } from '../../graph/ops/op-attributes.ts';
import { GraphError } from '../../graph/value.ts';
import * as activation from './activation.ts';
import * as arithmetic from './arithmetic.ts';
import * as convolution from './convolution.ts';
import type { GradientRule } from './gradient-rule.ts';
import * as linear from './linear.ts';
import * as movement from './movement.ts';
import * as normalization from './normalization.ts';
import * as reduction from './reduction.ts';

/** The rule of comparisons, sizes and signs: a small change of the inputs does not change the output. */
const zeroGradient = () => [];

/** The rule of operators that are in a loss only by mistake: fused ones for inference, and those that only gradients use. */
const notDifferentiable: GradientRule<OpName> = ({ node }) => {
  throw new GraphError(`${node.name === undefined ? '' : `"${node.name}": `}${node.op} has no gradient`);
};

/** Exhaustive, like SHAPE_RULES: an operator without an entry here does not compile. */
export const GRADIENT_RULES: { readonly [K in OpName]: GradientRule<K> } = {
  Add: arithmetic.add,
  And: zeroGradient,
  BatchNormalization: normalization.batchNormalization,
  BiasGelu: notDifferentiable,
  Cast: arithmetic.cast,
  Clip: arithmetic.clip,
  Concat: movement.concat,
  Conv: convolution.conv,
  ConvTranspose: notDifferentiable,
  Cos: arithmetic.cos,
  Div: arithmetic.div,
  DynamicQuantizeMatMul: notDifferentiable,
  Equal: zeroGradient,
  Erf: arithmetic.erf,
  Exp: arithmetic.exp,
  Expand: movement.expand,
  FastGelu: notDifferentiable,
  Flatten: movement.reshape,
  Gather: movement.gather,
  Gelu: activation.gelu,
  Gemm: linear.gemm,
  GlobalAveragePool: convolution.globalAveragePool,
  Greater: zeroGradient,
  Identity: arithmetic.identity,
  LayerNormalization: normalization.layerNormalization,
  Log: arithmetic.log,
  LpNormalization: activation.lpNormalization,
  MatMul: linear.matMul,
  Max: arithmetic.max,
  MaxPool: convolution.maxPool,
  Mul: arithmetic.mul,
  MultiHeadAttention: notDifferentiable,
  Not: zeroGradient,
  Pad: movement.pad,
  Range: zeroGradient,
  ReduceMax: reduction.reduceMax,
  ReduceMean: reduction.reduceMean,
  ReduceSum: reduction.reduceSum,
  Relu: activation.relu,
  Reshape: movement.reshape,
  ScatterElements: notDifferentiable,
  Shape: zeroGradient,
  Sign: zeroGradient,
  Sin: arithmetic.sin,
  Size: zeroGradient,
  SkipLayerNormalization: notDifferentiable,
  Slice: movement.slice,
  Softmax: activation.softmax,
  Split: movement.split,
  Sqrt: arithmetic.sqrt,
  Sub: arithmetic.sub,
  Tanh: activation.tanh,
  Transpose: movement.transpose,
  Unsqueeze: movement.reshape,
  Where: arithmetic.where,
};
