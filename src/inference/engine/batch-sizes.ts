import type { AnyTextSpec } from '../../architectures/encoders/text-graph.ts';
import type { VisualEncoderSpec } from '../../model/model-spec.ts';
import type { Provider } from '../../onnxruntime/provider.ts';
import type { SessionOptions } from '../../onnxruntime/session.ts';
import { bucketSizes } from './buckets.ts';

/** More rows gain nothing (docs/decisions/0006), and their activations would take four times the memory. */
const MAX_SIGLIP_ROWS_ON_CPU = 2;

/**
 * The numbers of rows that a visual encoder runs with, smallest first. They are chosen so that a row's result does not depend
 * on the rows beside it, to the last bit on the CPU: in int8 rows run alone, because activations that are quantised together
 * share one scale.
 */
export function visualBatchSizes(encoder: VisualEncoderSpec, provider: Provider, maxBatch: number): number[] {
  if (isInt8(encoder)) return [1];
  const maxRows =
    encoder.kind === 'siglip' && provider === 'cpu' ? Math.min(MAX_SIGLIP_ROWS_ON_CPU, maxBatch) : maxBatch;
  return bucketSizes(1, maxRows);
}

/**
 * The numbers of rows that a text encoder runs with. An ONNX file runs with two rows or more: ONNX Runtime multiplies single
 * rows with another kernel, whose results differ in the last bits.
 */
export function textBatchSizes(encoder: AnyTextSpec['encoder'], maxBatch: number): number[] {
  if (isInt8(encoder)) return [1];
  return bucketSizes(encoder.kind === 'onnx' ? 2 : 1, maxBatch);
}

/**
 * Session options of an encoder. An int8 encoder always runs on the CPU: GPU providers have no int8 products, so they would
 * leave each product to the CPU and copy its inputs and outputs.
 */
export function sessionOptionsFor(
  encoder: VisualEncoderSpec | AnyTextSpec['encoder'],
  options: SessionOptions,
): SessionOptions {
  return isInt8(encoder) ? { ...options, provider: 'cpu' } : options;
}

function isInt8(encoder: VisualEncoderSpec | AnyTextSpec['encoder']): boolean {
  return encoder.kind !== 'onnx' && encoder.precision === 'int8';
}
