import type { DType } from '../dtype.ts';

// biome-ignore lint/complexity/noBannedTypes: an operator without attributes has exactly none.
type None = {};

/**
 * Every operator of the graph library by its exact ONNX name, with its attributes by their ONNX names.
 * A new operator starts here; the compiler then asks for its inference rule (inference.ts).
 */
export interface Attributes {
  Add: None;
  BatchNormalization: { epsilon: number };
  BiasGelu: None;
  Cast: { to: DType };
  Clip: None;
  Concat: { axis: number };
  Conv: { strides: readonly [number, number]; group: number; padding: Padding };
  Cos: None;
  Div: None;
  DynamicQuantizeMatMul: None;
  FastGelu: None;
  Flatten: { axis: number };
  Gather: { axis: number };
  Gelu: { approximate: 'none' | 'tanh' };
  Gemm: { transA: boolean; transB: boolean };
  GlobalAveragePool: None;
  Greater: None;
  LayerNormalization: { axis: number; epsilon: number };
  LpNormalization: { axis: number; p: 1 | 2 };
  MatMul: None;
  Max: None;
  MaxPool: { kernel: readonly [number, number]; strides: readonly [number, number]; padding: Padding };
  Mul: None;
  MultiHeadAttention: { numHeads: number; scale: number };
  Range: None;
  ReduceMean: { keepdims: boolean };
  ReduceSum: { keepdims: boolean };
  Relu: None;
  Reshape: None;
  Shape: None;
  Sin: None;
  SkipLayerNormalization: { epsilon: number };
  Slice: None;
  Softmax: { axis: number };
  Split: { axis: number };
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
export const OPTIONAL_OUTPUTS: ReadonlySet<OpName> = new Set(['SkipLayerNormalization']);

/** `same` is TensorFlow's rule (ONNX SAME_UPPER); numbers are [top, left, bottom, right]. */
export type Padding = 'same' | readonly [number, number, number, number];
