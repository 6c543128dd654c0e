import type { DType } from '../dtype.ts';

// biome-ignore lint/complexity/noBannedTypes: an operator without attributes has exactly none.
type NoAttributes = {};

/** [height, width] */
export type HeightWidth = readonly [number, number];
/** [top, left, bottom, right] */
export type Pads = readonly [number, number, number, number];
/** `same` is TensorFlow's rule (ONNX SAME_UPPER). */
export type Padding = 'same' | Pads;

/**
 * Every operator of the graph library by its exact ONNX name, with its attributes by their ONNX names.
 * A new operator starts here; the compiler then asks for its inputs and outputs (op-operands.ts), its shape rule, its
 * gradient rule and how its attributes are encoded.
 */
export interface Attributes {
  Add: NoAttributes;
  And: NoAttributes;
  BatchNormalization: { epsilon: number };
  BiasGelu: NoAttributes;
  Cast: { to: DType };
  Clip: NoAttributes;
  Concat: { axis: number };
  Conv: { strides: HeightWidth; dilations: HeightWidth; group: number; padding: Padding };
  ConvTranspose: { strides: HeightWidth; group: number; padding: Pads; outputPadding: HeightWidth };
  Cos: NoAttributes;
  Div: NoAttributes;
  DynamicQuantizeMatMul: NoAttributes;
  Equal: NoAttributes;
  Erf: NoAttributes;
  Exp: NoAttributes;
  Expand: NoAttributes;
  FastGelu: NoAttributes;
  Flatten: { axis: number };
  Gather: { axis: number };
  Gelu: { approximate: 'none' | 'tanh' };
  Gemm: { transA: boolean; transB: boolean };
  GlobalAveragePool: NoAttributes;
  Greater: NoAttributes;
  /** `detached` stops the gradient. It is not an attribute of ONNX and is not emitted. */
  Identity: { detached: boolean };
  LayerNormalization: { axis: number; epsilon: number };
  Log: NoAttributes;
  LpNormalization: { axis: number; p: 1 | 2 };
  MatMul: NoAttributes;
  Max: NoAttributes;
  MaxPool: { kernel: HeightWidth; strides: HeightWidth; padding: Padding };
  Mul: NoAttributes;
  MultiHeadAttention: { numHeads: number; scale: number };
  Not: NoAttributes;
  Pad: NoAttributes;
  Range: NoAttributes;
  ReduceMax: { keepdims: boolean };
  ReduceMean: { keepdims: boolean };
  ReduceSum: { keepdims: boolean };
  Relu: NoAttributes;
  Reshape: NoAttributes;
  ScatterElements: { axis: number; reduction: 'none' | 'add' };
  Shape: NoAttributes;
  Sign: NoAttributes;
  Sin: NoAttributes;
  Size: NoAttributes;
  SkipLayerNormalization: { epsilon: number };
  Slice: NoAttributes;
  Softmax: { axis: number };
  Split: { axis: number };
  Sqrt: NoAttributes;
  Sub: NoAttributes;
  Tanh: NoAttributes;
  Transpose: { perm: readonly number[] };
  Unsqueeze: NoAttributes;
  Where: NoAttributes;
}

export type OpName = keyof Attributes;

/** Operators that ONNX Runtime adds to the standard ones, in its own domain. They have no gradients. */
export const MICROSOFT_OPS: ReadonlySet<OpName> = new Set([
  'BiasGelu',
  'DynamicQuantizeMatMul',
  'FastGelu',
  'MultiHeadAttention',
  'SkipLayerNormalization',
]);
export const MICROSOFT_DOMAIN = 'com.microsoft';
/** Operators that may leave out inputs before the last one. */
export const OPTIONAL_INPUTS: ReadonlySet<OpName> = new Set([
  'Conv',
  'DynamicQuantizeMatMul',
  'Gemm',
  'MultiHeadAttention',
]);
/** Operators that may leave out outputs after the first one. */
export const OPTIONAL_OUTPUTS: ReadonlySet<OpName> = new Set([
  'LayerNormalization',
  'MaxPool',
  'SkipLayerNormalization',
]);
