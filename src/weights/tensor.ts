import type { DType } from '../graph/dtype.ts';

/** A tensor in memory: its elements in row-major order, little-endian. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  /** Of a float32 matrix that its file has in 8-bit integers. */
  readonly quantised?: QuantisedBytes;
}

/** A matrix in 8-bit integers with a scale for each row, as it is in a file. */
export interface QuantisedBytes {
  /** int8 (rows, width) */
  readonly values: Uint8Array;
  /** float32 (rows) */
  readonly scales: Uint8Array<ArrayBuffer>;
}

/** A float32 tensor over existing memory: a view, not a copy. */
export function float32Tensor(shape: readonly number[], { buffer, byteOffset, byteLength }: Float32Array): Tensor {
  return { dtype: 'float32', shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** The elements of a float32 tensor or parameter: a view, not a copy. */
export function float32View({ bytes }: { readonly bytes: Uint8Array }): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
}
