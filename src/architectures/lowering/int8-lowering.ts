import { DynamicQuantizeMatMul } from '../../graph/ops/operators.ts';
import { parameter, type Value } from '../../graph/value.ts';
import { fusedLowering } from './fused-lowering.ts';
import type { Linear, Lowering } from './lowering.ts';

const MAX_INT8 = 127;

/**
 * Fused operators with matrix products in 8-bit integers. The weights are quantised here, symmetrically and with a scale for
 * each column; ONNX Runtime quantises the activations at run time.
 */
export const INT8_LOWERING: Lowering = fusedLowering((x, layer) => {
  const { values, scales } = quantise(layer, x.type.shape.at(-1) as number);
  return DynamicQuantizeMatMul(x, { values, scales }, layer.key);
});

/** Quantises a weight matrix: float32 (out, in) -> int8 (in, out) and scales (out) */
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
    column.forEach((value, i) => {
      values[i * out + row] = Math.round(value / scale);
    });
  }
  return {
    values: parameter(`${name}.int8`, 'int8', [width, out], new Uint8Array(values.buffer)),
    scales: parameter(`${name}.scale`, 'float32', [out], new Uint8Array(scales.buffer)),
  };
}
