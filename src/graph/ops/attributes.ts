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
  Cast: { to: DType };
  Clip: None;
  Concat: { axis: number };
  Conv: { strides: readonly [number, number]; group: number; padding: Padding };
  Cos: None;
  Div: None;
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
  Mul: None;
  Range: None;
  ReduceMean: { keepdims: boolean };
  ReduceSum: { keepdims: boolean };
  Relu: None;
  Reshape: None;
  Shape: None;
  Sin: None;
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

/** `same` is TensorFlow's rule (ONNX SAME_UPPER); numbers are [top, left, bottom, right]. */
export type Padding = 'same' | readonly [number, number, number, number];
