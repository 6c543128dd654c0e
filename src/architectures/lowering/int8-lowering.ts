import { DynamicQuantizeMatMul } from '../../graph/ops/operators.ts';
import { parameter, type Value } from '../../graph/value.ts';
import { quantiseRows } from '../../weights/row-quantisation.ts';
import { float32View } from '../../weights/tensor.ts';
import { fusedLowering } from './fused-lowering.ts';
import type { Linear, Lowering } from './lowering.ts';

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
  const weight = weights.parameter(`${key}.weight`, [out, width]);
  const { values, scales } = quantiseRows(float32View(weight), width);
  const columns = new Int8Array(width * out);
  for (let i = 0; i < out; i++) {
    for (let j = 0; j < width; j++) columns[j * out + i] = values[i * width + j] ?? 0;
  }
  return {
    values: parameter(`${weight.name}.int8`, 'int8', [width, out], new Uint8Array(columns.buffer)),
    scales: parameter(`${weight.name}.scale`, 'float32', [out], new Uint8Array(scales.buffer)),
  };
}
