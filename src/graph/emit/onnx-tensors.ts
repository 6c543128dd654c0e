import { create } from '@bufbuild/protobuf';
import { DTYPES, type DType } from '../dtype.ts';
import { float32ToFloat16 } from '../float16.ts';
import type { ConstantValue, ParameterValue, TensorType } from '../value.ts';
import { TensorProtoSchema, ValueInfoProtoSchema } from './onnx_pb.ts';
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

/** @param shape has no unknown sizes */
export function encodeTensor(name: string, { dtype, shape }: TensorType, rawData: Uint8Array): OnnxTensor {
  return create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType: DTYPES[dtype].onnx, rawData });
}

export function valueInfo(name: string, { dtype, shape }: TensorType): OnnxValueInfo {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  const tensorType = { elemType: DTYPES[dtype].onnx, shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensorType } } });
}
