import { DynamicQuantizeMatMul } from '../../graph/ops/operators.ts';
import { parameter, type Value } from '../../graph/value.ts';
import { fusedLowering } from './fused-lowering.ts';
import type { Linear, Lowering } from './lowering.ts';

const MAX_INT8 = 127;

/**
 * The fused form with its products in 8-bit integers: weights are quantised here, symmetrically and each column by its own
 * scale; what they are multiplied with is quantised by ONNX Runtime for each run.
 */
export const INT8_LOWERING: Lowering = fusedLowering((x, layer) => {
  const { values, scales } = quantise(layer, x.type.shape.at(-1) as number);
  return DynamicQuantizeMatMul(x, { values, scales }, layer.key);
});

/** (out, in) float32 -> (in, out) int8 and a scale for each of the out columns */
function quantise({ weights, key, out }: Linear, width: number): { values: Value; scales: Value } {
  const { name, bytes } = weights.parameter(`${key}.weight`, [out, width]);
  const weight = new Float32Array(bytes.buffer, bytes.byteOffset, out * width);
  const values = new Int8Array(width * out);
  const scales = new Float32Array(out);
  for (let row = 0; row < out; row++) {
    const column = weight.subarray(row * width, (row + 1) * width);
    let maxAbsolute = 0;
    for (const value of column) maxAbsolute = Math.max(maxAbsolute, Math.abs(value));
    // A column of zeros has any scale.
    const scale = maxAbsolute / MAX_INT8 || 1;
    scales[row] = scale;
    for (let i = 0; i < width; i++) values[i * out + row] = Math.round(column[i]! / scale);
  }
  return {
    values: parameter(`${name}.int8`, 'int8', [width, out], new Uint8Array(values.buffer)),
    scales: parameter(`${name}.scale`, 'float32', [out], new Uint8Array(scales.buffer)),
  };
}
