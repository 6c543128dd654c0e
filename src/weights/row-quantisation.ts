/** Matrices in 8-bit integers with a scale for each row, symmetric around zero. */

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

/** The bytes of int8 (rows, width) and float32 scales (rows) -> those of float32 (rows, width) */
export function dequantiseRows(bytes: Uint8Array, scaleBytes: Uint8Array<ArrayBuffer>): Uint8Array {
  const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scales = new Float32Array(scaleBytes.buffer, scaleBytes.byteOffset, scaleBytes.byteLength / 4);
  const width = values.length / scales.length;
  const matrix = new Float32Array(values.length);
  for (const [i, scale] of scales.entries()) {
    for (let j = i * width; j < (i + 1) * width; j++) matrix[j] = (values[j] ?? 0) * scale;
  }
  return new Uint8Array(matrix.buffer);
}
