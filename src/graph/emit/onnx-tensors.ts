import { DTYPES, type DType } from '../dtype.ts';
import { float32ToFloat16 } from '../float16.ts';
import type { ConstantValue, ParameterValue, TensorType } from '../value.ts';
import type { OnnxTensor, OnnxValueInfo } from './onnx-schema.ts';

type ToTypedArray = (data: readonly number[]) => ArrayBufferView;

const TO_TYPED_ARRAY: { readonly [D in DType]: ToTypedArray } = {
  float32: (data) => Float32Array.from(data),
  float64: (data) => Float64Array.from(data),
  int64: (data) => BigInt64Array.from(data, BigInt),
  int32: (data) => Int32Array.from(data),
  int8: (data) => Int8Array.from(data),
  uint8: (data) => Uint8Array.from(data),
  bool: (data) => Uint8Array.from(data),
  float16: (data) => float32ToFloat16(Float32Array.from(data)),
};

export function constantTensor(name: string, { type, data }: ConstantValue): OnnxTensor {
  const { buffer, byteOffset, byteLength } = TO_TYPED_ARRAY[type.dtype](data);
  return encodeTensor(name, type, new Uint8Array(buffer, byteOffset, byteLength));
}

export function parameterTensor({ name, type, bytes }: ParameterValue): OnnxTensor {
  return encodeTensor(name, type, bytes);
}

function encodeTensor(name: string, type: TensorType, rawData: Uint8Array): OnnxTensor {
  return { name, dims: type.shape as number[], dataType: DTYPES[type.dtype].onnx, rawData };
}

export function valueInfo(name: string, { dtype, shape }: TensorType): OnnxValueInfo {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: DTYPES[dtype].onnx, shape: { dim } } } };
}
