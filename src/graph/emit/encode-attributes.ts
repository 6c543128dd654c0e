import { create } from '@bufbuild/protobuf';
import { DTYPES } from '../dtype.ts';
import type { Attributes, OpName, Padding } from '../ops/op-attributes.ts';
import { AttributeProtoSchema, AttributeProto_AttributeType as AttributeType } from './onnx_pb.ts';
import type { OnnxAttribute } from './onnx-schema.ts';

const int = (name: string, value: number): OnnxAttribute =>
  create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
const ints = (name: string, values: readonly number[]): OnnxAttribute =>
  create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: values.map(BigInt) });
const float = (name: string, value: number): OnnxAttribute =>
  create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value });
const text = (name: string, value: string): OnnxAttribute =>
  create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
const flag = (name: string, value: boolean): OnnxAttribute => int(name, value ? 1 : 0);
const noAttributes = (): OnnxAttribute[] => [];

function padding(value: Padding): OnnxAttribute {
  return value === 'same' ? text('auto_pad', 'SAME_UPPER') : ints('pads', value);
}

/** How each operator's attributes are written in ONNX. Exhaustive, like SHAPE_RULES. */
export const ENCODE_ATTRIBUTES: { readonly [K in OpName]: (attributes: Attributes[K]) => OnnxAttribute[] } = {
  Add: noAttributes,
  And: noAttributes,
  BatchNormalization: ({ epsilon }) => [float('epsilon', epsilon)],
  BiasGelu: noAttributes,
  Cast: ({ to }) => [int('to', DTYPES[to].onnx)],
  Clip: noAttributes,
  Concat: ({ axis }) => [int('axis', axis)],
  Conv: (attributes) => [
    ints('strides', attributes.strides),
    // ONNX's default is left out, so that graphs without dilations keep their bytes.
    ...(attributes.dilations.every((dilation) => dilation === 1) ? [] : [ints('dilations', attributes.dilations)]),
    int('group', attributes.group),
    padding(attributes.padding),
  ],
  ConvTranspose: (attributes) => [
    ints('strides', attributes.strides),
    int('group', attributes.group),
    padding(attributes.padding),
    ints('output_padding', attributes.outputPadding),
  ],
  Cos: noAttributes,
  Div: noAttributes,
  DynamicQuantizeMatMul: noAttributes,
  Equal: noAttributes,
  Erf: noAttributes,
  Exp: noAttributes,
  Expand: noAttributes,
  FastGelu: noAttributes,
  Flatten: ({ axis }) => [int('axis', axis)],
  Gather: ({ axis }) => [int('axis', axis)],
  Gelu: ({ approximate }) => [text('approximate', approximate)],
  Gemm: ({ transA, transB }) => [flag('transA', transA), flag('transB', transB)],
  GlobalAveragePool: noAttributes,
  Greater: noAttributes,
  Identity: noAttributes,
  LayerNormalization: ({ axis, epsilon }) => [int('axis', axis), float('epsilon', epsilon)],
  Log: noAttributes,
  LpNormalization: ({ axis, p }) => [int('axis', axis), int('p', p)],
  MatMul: noAttributes,
  Max: noAttributes,
  MaxPool: ({ kernel, strides, padding: pads }) => [
    ints('kernel_shape', kernel),
    ints('strides', strides),
    padding(pads),
  ],
  Mul: noAttributes,
  MultiHeadAttention: ({ numHeads, scale }) => [int('num_heads', numHeads), float('scale', scale)],
  Not: noAttributes,
  Pad: noAttributes,
  Range: noAttributes,
  ReduceMax: ({ keepdims }) => [flag('keepdims', keepdims)],
  ReduceMean: ({ keepdims }) => [flag('keepdims', keepdims)],
  ReduceSum: ({ keepdims }) => [flag('keepdims', keepdims)],
  Relu: noAttributes,
  Reshape: noAttributes,
  ScatterElements: ({ axis, reduction }) => [int('axis', axis), text('reduction', reduction)],
  Shape: noAttributes,
  Sign: noAttributes,
  Sin: noAttributes,
  Size: noAttributes,
  SkipLayerNormalization: ({ epsilon }) => [float('epsilon', epsilon)],
  Slice: noAttributes,
  Softmax: ({ axis }) => [int('axis', axis)],
  Split: ({ axis }) => [int('axis', axis)],
  Sqrt: noAttributes,
  Sub: noAttributes,
  Tanh: noAttributes,
  Transpose: ({ perm }) => [ints('perm', perm)],
  Unsqueeze: noAttributes,
  Where: noAttributes,
};
