import { GraphError } from '../../graph/graph-error.ts';
import type { OpName } from '../../graph/ops/attributes.ts';
import * as activation from './activation.ts';
import * as arithmetic from './arithmetic.ts';
import * as convolution from './convolution.ts';
import * as linear from './linear.ts';
import * as movement from './movement.ts';
import * as normalization from './normalization.ts';
import * as reduction from './reduction.ts';
import type { Rule } from './rule.ts';

/** The output does not change where the inputs change a little: comparisons, sizes, signs. */
const flat = () => [];

/** What stands in a loss only by mistake: the fused operators of inference, and what gradients themselves are made of. */
const none: Rule<OpName> = ({ node }) => {
  throw new GraphError(`${node.name === undefined ? '' : `"${node.name}": `}${node.op} has no gradient`);
};

/** Exhaustive, like INFERENCE: an operator without an entry here does not compile. */
export const RULES: { readonly [K in OpName]: Rule<K> } = {
  Add: arithmetic.add,
  And: flat,
  BatchNormalization: normalization.batchNormalization,
  BiasGelu: none,
  Cast: arithmetic.cast,
  Clip: arithmetic.clip,
  Concat: movement.concat,
  Conv: convolution.conv,
  ConvTranspose: none,
  Cos: arithmetic.cos,
  Div: arithmetic.div,
  DynamicQuantizeMatMul: none,
  Equal: flat,
  Erf: arithmetic.erf,
  Exp: arithmetic.exp,
  Expand: movement.expand,
  FastGelu: none,
  Flatten: movement.reshaped,
  Gather: movement.gather,
  Gelu: activation.gelu,
  Gemm: linear.gemm,
  GlobalAveragePool: convolution.globalAveragePool,
  Greater: flat,
  Identity: arithmetic.identity,
  LayerNormalization: normalization.layerNormalization,
  Log: arithmetic.log,
  LpNormalization: activation.lpNormalization,
  MatMul: linear.matMul,
  Max: arithmetic.max,
  MaxPool: convolution.maxPool,
  Mul: arithmetic.mul,
  MultiHeadAttention: none,
  Not: flat,
  Pad: movement.pad,
  Range: flat,
  ReduceMax: reduction.reduceMax,
  ReduceMean: reduction.reduceMean,
  ReduceSum: reduction.reduceSum,
  Relu: activation.relu,
  Reshape: movement.reshaped,
  ScatterElements: none,
  Shape: flat,
  Sign: flat,
  Sin: arithmetic.sin,
  Size: flat,
  SkipLayerNormalization: none,
  Slice: movement.slice,
  Softmax: activation.softmax,
  Split: movement.split,
  Sqrt: arithmetic.sqrt,
  Sub: arithmetic.sub,
  Tanh: activation.tanh,
  Transpose: movement.transpose,
  Unsqueeze: movement.reshaped,
  Where: arithmetic.where,
};
