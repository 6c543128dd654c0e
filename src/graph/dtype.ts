/** Element types of tensors by their ONNX names, with the ONNX code and the size of one element in bytes. */
export const DTYPES = {
  float32: { onnx: 1, bytes: 4 },
  uint8: { onnx: 2, bytes: 1 },
  int8: { onnx: 3, bytes: 1 },
  int32: { onnx: 6, bytes: 4 },
  int64: { onnx: 7, bytes: 8 },
  bool: { onnx: 9, bytes: 1 },
  float16: { onnx: 10, bytes: 2 },
  float64: { onnx: 11, bytes: 8 },
} as const;

export type DType = keyof typeof DTYPES;

const FLOATING: readonly DType[] = ['float16', 'float32', 'float64'];

export function isFloating(dtype: DType): boolean {
  return FLOATING.includes(dtype);
}
