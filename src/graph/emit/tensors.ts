import { DTYPES, type DType } from '../dtype.ts';
import { narrow } from '../float16.ts';
import type { ConstantValue, ParameterValue, TensorType } from '../value.ts';
import type { Tensor, ValueInfo } from './onnx.ts';

type Encode = (data: readonly number[]) => ArrayBufferView;

const ENCODE: { readonly [D in DType]: Encode } = {
  float32: (data) => Float32Array.from(data),
  float64: (data) => Float64Array.from(data),
  int64: (data) => BigInt64Array.from(data, BigInt),
  int32: (data) => Int32Array.from(data),
  int8: (data) => Int8Array.from(data),
  uint8: (data) => Uint8Array.from(data),
  bool: (data) => Uint8Array.from(data),
  float16: (data) => narrow(Float32Array.from(data)),
};

export function constantTensor(name: string, { type, data }: ConstantValue): Tensor {
  const { buffer, byteOffset, byteLength } = ENCODE[type.dtype](data);
  return tensor(name, type, new Uint8Array(buffer, byteOffset, byteLength));
}

export function parameterTensor({ name, type, bytes }: ParameterValue): Tensor {
  return tensor(name, type, bytes);
}

function tensor(name: string, type: TensorType, rawData: Uint8Array): Tensor {
  return { name, dims: type.shape as number[], dataType: DTYPES[type.dtype].onnx, rawData };
}

export function valueInfo(name: string, { dtype, shape }: TensorType): ValueInfo {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: DTYPES[dtype].onnx, shape: { dim } } } };
}
