import type { DType } from '../dtype.ts';

// biome-ignore lint/complexity/noBannedTypes: an operator without attributes has exactly none.
type None = {};

/**
 * Every operator of the graph library by its exact ONNX name, with its attributes by their ONNX names.
 * A new operator starts here; the compiler then asks for its inference rule (inference.ts).
 */
export interface Attributes {
  Add: None;
  And: None;
  BatchNormalization: { epsilon: number };
  BiasGelu: None;
  Cast: { to: DType };
  Clip: None;
  Concat: { axis: number };
  Conv: { strides: Pair; dilations: Pair; group: number; padding: Padding };
  ConvTranspose: { strides: Pair; group: number; padding: Pads; outputPadding: Pair };
  Cos: None;
  Div: None;
  DynamicQuantizeMatMul: None;
  Equal: None;
  Erf: None;
  Exp: None;
  Expand: None;
  FastGelu: None;
  Flatten: { axis: number };
  Gather: { axis: number };
  Gelu: { approximate: 'none' | 'tanh' };
  Gemm: { transA: boolean; transB: boolean };
  GlobalAveragePool: None;
  Greater: None;
  /** `detached` says that no gradient goes through; to ONNX it is nothing. */
  Identity: { detached: boolean };
  LayerNormalization: { axis: number; epsilon: number };
  Log: None;
  LpNormalization: { axis: number; p: 1 | 2 };
  MatMul: None;
  Max: None;
  MaxPool: { kernel: Pair; strides: Pair; padding: Padding };
  Mul: None;
  MultiHeadAttention: { numHeads: number; scale: number };
  Not: None;
  Pad: None;
  Range: None;
  ReduceMax: { keepdims: boolean };
  ReduceMean: { keepdims: boolean };
  ReduceSum: { keepdims: boolean };
  Relu: None;
  Reshape: None;
  ScatterElements: { axis: number; reduction: 'none' | 'add' };
  Shape: None;
  Sign: None;
  Sin: None;
  Size: None;
  SkipLayerNormalization: { epsilon: number };
  Slice: None;
  Softmax: { axis: number };
  Split: { axis: number };
  Sqrt: None;
  Sub: None;
  Tanh: None;
  Transpose: { perm: readonly number[] };
  Unsqueeze: None;
  Where: None;
}

export type OpName = keyof Attributes;

/** Operators that ONNX Runtime adds to the standard ones, in its own domain. Inference only: they have no gradients. */
export const MICROSOFT_OPS: ReadonlySet<OpName> = new Set([
  'BiasGelu',
  'DynamicQuantizeMatMul',
  'FastGelu',
  'MultiHeadAttention',
  'SkipLayerNormalization',
]);
export const MICROSOFT_DOMAIN = 'com.microsoft';
/** Operators that may leave out outputs. */
export const OPTIONAL_OUTPUTS: ReadonlySet<OpName> = new Set([
  'LayerNormalization',
  'MaxPool',
  'SkipLayerNormalization',
]);

/** Of height and width */
export type Pair = readonly [number, number];
/** [top, left, bottom, right] */
export type Pads = readonly [number, number, number, number];
/** `same` is TensorFlow's rule (ONNX SAME_UPPER). */
export type Padding = 'same' | Pads;
