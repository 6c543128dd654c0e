import { DTYPES } from '../dtype.ts';
import type { Attributes, OpName, Padding } from '../ops/attributes.ts';
import { type Attribute, AttributeProto } from './onnx.ts';

const { AttributeType } = AttributeProto;

const int = (name: string, value: number): Attribute => ({ name, type: AttributeType.INT, i: value });
const ints = (name: string, values: readonly number[]): Attribute => ({
  name,
  type: AttributeType.INTS,
  ints: [...values],
});
const float = (name: string, value: number): Attribute => ({ name, type: AttributeType.FLOAT, f: value });
const text = (name: string, value: string): Attribute => ({
  name,
  type: AttributeType.STRING,
  s: new TextEncoder().encode(value),
});
const flag = (name: string, value: boolean): Attribute => int(name, value ? 1 : 0);
const none = (): Attribute[] => [];

function padding(value: Padding): Attribute {
  return value === 'same' ? text('auto_pad', 'SAME_UPPER') : ints('pads', value);
}

/** Exhaustive, like INFERENCE: how each operator's attributes are written in ONNX. */
export const ENCODE_ATTRIBUTES: { readonly [K in OpName]: (attributes: Attributes[K]) => Attribute[] } = {
  Add: none,
  And: none,
  BatchNormalization: ({ epsilon }) => [float('epsilon', epsilon)],
  BiasGelu: none,
  Cast: ({ to }) => [int('to', DTYPES[to].onnx)],
  Clip: none,
  Concat: ({ axis }) => [int('axis', axis)],
  Conv: (attributes) => [
    ints('strides', attributes.strides),
    // ONNX's own default is left out, so that graphs without dilations keep their bytes.
    ...(attributes.dilations.every((size) => size === 1) ? [] : [ints('dilations', attributes.dilations)]),
    int('group', attributes.group),
    padding(attributes.padding),
  ],
  ConvTranspose: (attributes) => [
    ints('strides', attributes.strides),
    int('group', attributes.group),
    padding(attributes.padding),
    ints('output_padding', attributes.outputPadding),
  ],
  Cos: none,
  Div: none,
  DynamicQuantizeMatMul: none,
  Equal: none,
  Erf: none,
  Exp: none,
  Expand: none,
  FastGelu: none,
  Flatten: ({ axis }) => [int('axis', axis)],
  Gather: ({ axis }) => [int('axis', axis)],
  Gelu: ({ approximate }) => [text('approximate', approximate)],
  Gemm: ({ transA, transB }) => [flag('transA', transA), flag('transB', transB)],
  GlobalAveragePool: none,
  Greater: none,
  Identity: none,
  LayerNormalization: ({ axis, epsilon }) => [int('axis', axis), float('epsilon', epsilon)],
  Log: none,
  LpNormalization: ({ axis, p }) => [int('axis', axis), int('p', p)],
  MatMul: none,
  Max: none,
  MaxPool: ({ kernel, strides, padding: pads }) => [
    ints('kernel_shape', kernel),
    ints('strides', strides),
    padding(pads),
  ],
  Mul: none,
  MultiHeadAttention: ({ numHeads, scale }) => [int('num_heads', numHeads), float('scale', scale)],
  Not: none,
  Pad: none,
  Range: none,
  ReduceMax: ({ keepdims }) => [flag('keepdims', keepdims)],
  ReduceMean: ({ keepdims }) => [flag('keepdims', keepdims)],
  ReduceSum: ({ keepdims }) => [flag('keepdims', keepdims)],
  Relu: none,
  Reshape: none,
  ScatterElements: ({ axis, reduction }) => [int('axis', axis), text('reduction', reduction)],
  Shape: none,
  Sign: none,
  Sin: none,
  Size: none,
  SkipLayerNormalization: ({ epsilon }) => [float('epsilon', epsilon)],
  Slice: none,
  Softmax: ({ axis }) => [int('axis', axis)],
  Split: ({ axis }) => [int('axis', axis)],
  Sqrt: none,
  Sub: none,
  Tanh: none,
  Transpose: ({ perm }) => [ints('perm', perm)],
  Unsqueeze: none,
  Where: none,
};
