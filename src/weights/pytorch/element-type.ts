import type { DType } from '../../graph/dtype.ts';

/** A PyTorch element type: its name (torch.float32), bytes of one element in a file, and what it becomes here. */
export interface ElementType {
  readonly name: string;
  readonly bytes: number;
  /** Undefined where a tensor of it cannot be read. */
  readonly dtype: DType | undefined;
  /** Old name of its storage (torch.FloatStorage), by which even PyTorch 2 files tell the type. */
  readonly storage: string | undefined;
}

const element = (name: string, bytes: number, dtype?: DType, storage?: string): ElementType => ({
  name,
  bytes,
  dtype,
  storage,
});

/** ONNX graphs of this project have no bfloat16, and float32 holds every value of it. */
export const BFLOAT16 = element('bfloat16', 2, 'float32', 'BFloat16Storage');

export const UINT8 = element('uint8', 1, 'uint8', 'ByteStorage');

/** Source: torch/storage.py, `_dtype_to_storage_type_map`, and c10/core/ScalarType.h. */
export const ELEMENT_TYPES: readonly ElementType[] = [
  element('float32', 4, 'float32', 'FloatStorage'),
  element('float64', 8, 'float64', 'DoubleStorage'),
  element('float16', 2, 'float16', 'HalfStorage'),
  BFLOAT16,
  element('int64', 8, 'int64', 'LongStorage'),
  element('int32', 4, 'int32', 'IntStorage'),
  element('int8', 1, 'int8', 'CharStorage'),
  UINT8,
  element('bool', 1, 'bool', 'BoolStorage'),
  element('int16', 2, undefined, 'ShortStorage'),
  element('complex64', 8, undefined, 'ComplexFloatStorage'),
  element('complex128', 16, undefined, 'ComplexDoubleStorage'),
  element('quint8', 1, undefined, 'QUInt8Storage'),
  element('qint8', 1, undefined, 'QInt8Storage'),
  element('qint32', 4, undefined, 'QInt32Storage'),
  element('uint16', 2),
  element('uint32', 4),
  element('uint64', 8),
  element('complex32', 4),
  element('float8_e4m3fn', 1),
  element('float8_e5m2', 1),
  element('float8_e4m3fnuz', 1),
  element('float8_e5m2fnuz', 1),
];
