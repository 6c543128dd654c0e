/** Matrices in 8-bit integers with a scale for each row, symmetric around zero. */
import type { QuantisedBytes, Tensor } from './tensor.ts';

const MAX_INT8 = 127;

export interface QuantisedMatrix {
  /** int8 (rows, width) */
  readonly values: Int8Array<ArrayBuffer>;
  /** float32 (rows) */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** Quantises float32 (rows, width). The largest number of a row becomes 127 or -127. */
export function quantiseRows(matrix: Float32Array, width: number): QuantisedMatrix {
  const values = new Int8Array(matrix.length);
  const scales = new Float32Array(matrix.length / width);
  for (let i = 0; i < scales.length; i++) {
    const row = matrix.subarray(i * width, (i + 1) * width);
    let maxAbsolute = 0;
    for (const value of row) maxAbsolute = Math.max(maxAbsolute, Math.abs(value));
    // A row of zeros has any scale.
    const scale = maxAbsolute / MAX_INT8 || 1;
    scales[i] = scale;
    for (let j = 0; j < width; j++) values[i * width + j] = Math.round((row[j] ?? 0) / scale);
  }
  return { values, scales };
}

/**
 * A float32 tensor over the integers of a file. Its bytes are made anew whenever they are read: who only needs single rows saves four
 * times the memory.
 */
export function quantisedTensor(shape: readonly number[], quantised: QuantisedBytes): Tensor {
  return {
    dtype: 'float32',
    shape,
    quantised,
    get bytes() {
      return dequantiseRows(quantised);
    },
  };
}

/** int8 (rows, width) and scales (rows) -> the bytes of float32 (rows, width) */
function dequantiseRows({ values: valueBytes, scales: scaleBytes }: QuantisedBytes): Uint8Array {
  const values = new Int8Array(valueBytes.buffer, valueBytes.byteOffset, valueBytes.byteLength);
  const scales = new Float32Array(scaleBytes.buffer, scaleBytes.byteOffset, scaleBytes.byteLength / 4);
  const width = values.length / scales.length;
  const matrix = new Float32Array(values.length);
  for (const [i, scale] of scales.entries()) {
    for (let j = i * width; j < (i + 1) * width; j++) matrix[j] = (values[j] ?? 0) * scale;
  }
  return new Uint8Array(matrix.buffer);
}
