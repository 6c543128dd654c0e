import type { OpName } from './op-attributes.ts';

type Unary<V> = readonly [x: V];
type Binary<V> = readonly [a: V, b: V];

/**
 * Inputs of every operator, in ONNX's order. `V` is the type of a value and `C` that of a value which must be a constant,
 * because the shape of the output depends on its numbers.
 */
export interface OpInputs<V, C> {
  Add: Binary<V>;
  And: Binary<V>;
  BatchNormalization: readonly [x: V, scale: V, bias: V, mean: V, variance: V];
  BiasGelu: readonly [x: V, bias: V];
  Cast: Unary<V>;
  Clip: readonly [x: V, low: V, high: V];
  Concat: readonly V[];
  Conv: readonly [x: V, weight: V, bias?: V];
  ConvTranspose: readonly [x: V, weight: V];
  Cos: Unary<V>;
  Div: Binary<V>;
  DynamicQuantizeMatMul: readonly [a: V, b: V, scales: V, zeroPoints?: V, bias?: V];
  Equal: Binary<V>;
  Erf: Unary<V>;
  Exp: Unary<V>;
  Expand: readonly [x: V, shape: V];
  FastGelu: readonly [x: V, bias: V];
  Flatten: Unary<V>;
  Gather: readonly [x: V, indices: V];
  Gelu: Unary<V>;
  Gemm: readonly [a: V, b: V, bias?: V];
  GlobalAveragePool: Unary<V>;
  Greater: Binary<V>;
  Identity: Unary<V>;
  LayerNormalization: readonly [x: V, scale: V, bias: V];
  Log: Unary<V>;
  LpNormalization: Unary<V>;
  MatMul: Binary<V>;
  Max: Binary<V>;
  MaxPool: Unary<V>;
  Mul: Binary<V>;
  MultiHeadAttention: readonly [query: V, key: V, value: V, bias?: V, mask?: V];
  Not: Unary<V>;
  Pad: readonly [x: V, pads: C];
  Range: readonly [start: V, limit: V, delta: V];
  ReduceMax: readonly [x: V, axes: C];
  ReduceMean: readonly [x: V, axes: C];
  ReduceSum: readonly [x: V, axes: C];
  Relu: Unary<V>;
  Reshape: readonly [x: V, shape: V];
  ScatterElements: readonly [data: V, indices: V, updates: V];
  Shape: Unary<V>;
  Sign: Unary<V>;
  Sin: Unary<V>;
  Size: Unary<V>;
  SkipLayerNormalization: readonly [x: V, skip: V, scale: V, shift: V, bias: V];
  Slice: readonly [x: V, starts: C, ends: C, axes: C];
  Softmax: Unary<V>;
  Split: readonly [x: V, sizes: C];
  Sqrt: Unary<V>;
  Sub: Binary<V>;
  Tanh: Unary<V>;
  Transpose: Unary<V>;
  Unsqueeze: readonly [x: V, axes: C];
  Where: readonly [condition: V, yes: V, no: V];
}

/** Outputs of the operators that have more than one. */
interface MultipleOutputs<V> {
  LayerNormalization: readonly [normed: V, mean: V, inverseDeviation: V];
  MaxPool: readonly [pooled: V, indices: V];
  SkipLayerNormalization: readonly [normed: V, mean: V, inverseDeviation: V, sum: V];
  Split: readonly V[];
}

/** Outputs of every operator, in ONNX's order. */
export type OpOutputs<V> = {
  readonly [K in OpName]: K extends keyof MultipleOutputs<V> ? MultipleOutputs<V>[K] : readonly [y: V];
};
