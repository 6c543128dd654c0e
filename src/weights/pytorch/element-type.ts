import type { DType } from '../../graph/dtype.ts';

/** A PyTorch element type: its name (torch.float32), the bytes of one element in a file, and the type that it is read as. */
export interface ElementType {
  readonly name: string;
  readonly byteSize: number;
  /** Undefined where a tensor of it cannot be read. */
  readonly dtype: DType | undefined;
  /** Old name of its storage (torch.FloatStorage), by which files name the type, even those of PyTorch 2. */
  readonly storageName: string | undefined;
}

const elementType = (name: string, byteSize: number, dtype?: DType, storageName?: string): ElementType => ({
  name,
  byteSize,
  dtype,
  storageName,
});

/** Read as float32, which holds every value of it: the graphs of this project have no bfloat16. */
export const BFLOAT16 = elementType('bfloat16', 2, 'float32', 'BFloat16Storage');

export const UINT8 = elementType('uint8', 1, 'uint8', 'ByteStorage');

/** Source: torch/storage.py, `_dtype_to_storage_type_map`, and c10/core/ScalarType.h. */
export const ELEMENT_TYPES: readonly ElementType[] = [
  elementType('float32', 4, 'float32', 'FloatStorage'),
  elementType('float64', 8, 'float64', 'DoubleStorage'),
  elementType('float16', 2, 'float16', 'HalfStorage'),
  BFLOAT16,
  elementType('int64', 8, 'int64', 'LongStorage'),
  elementType('int32', 4, 'int32', 'IntStorage'),
  elementType('int8', 1, 'int8', 'CharStorage'),
  UINT8,
  elementType('bool', 1, 'bool', 'BoolStorage'),
  elementType('int16', 2, undefined, 'ShortStorage'),
  elementType('complex64', 8, undefined, 'ComplexFloatStorage'),
  elementType('complex128', 16, undefined, 'ComplexDoubleStorage'),
  elementType('quint8', 1, undefined, 'QUInt8Storage'),
  elementType('qint8', 1, undefined, 'QInt8Storage'),
  elementType('qint32', 4, undefined, 'QInt32Storage'),
  elementType('uint16', 2),
  elementType('uint32', 4),
  elementType('uint64', 8),
  elementType('complex32', 4),
  elementType('float8_e4m3fn', 1),
  elementType('float8_e5m2', 1),
  elementType('float8_e4m3fnuz', 1),
  elementType('float8_e5m2fnuz', 1),
];
