import type { TextEncoderSpec, VisualEncoderSpec } from '../../model/model-spec.ts';
import type { Provider } from '../../onnxruntime/provider.ts';
import type { SessionOptions } from '../../onnxruntime/session.ts';
import { bucketSizes } from './buckets.ts';

/** More gain nothing (docs/decisions/0006), and their activations would take four times the memory. */
const MAX_SIGLIP_ROWS_ON_CPU = 2;

/**
 * How many rows an encoder is run with, smallest first. All are chosen so that a row's result does not depend on the rows
 * beside it, to the last bit on the CPU: in int8 rows run alone, because what is quantised at run time shares one scale.
 */
export function visualBatchSizes(encoder: VisualEncoderSpec, provider: Provider, maxBatch: number): number[] {
  if (isInt8(encoder)) return [1];
  const maxRows =
    encoder.kind === 'siglip' && provider === 'cpu' ? Math.min(MAX_SIGLIP_ROWS_ON_CPU, maxBatch) : maxBatch;
  return bucketSizes(1, maxRows);
}

/** An ONNX file's products may be of single rows, which ONNX Runtime multiplies by another kernel: two rows or more. */
export function textBatchSizes(encoder: TextEncoderSpec, maxBatch: number): number[] {
  if (isInt8(encoder)) return [1];
  return bucketSizes(encoder.kind === 'onnx' ? 2 : 1, maxBatch);
}

/**
 * Where an encoder runs: in int8 always on the CPU. GPU providers have no such products; they would leave them to the CPU in
 * silence, and move everything between for each.
 */
export function sessionOptionsFor(
  encoder: VisualEncoderSpec | TextEncoderSpec,
  options: SessionOptions,
): SessionOptions {
  return isInt8(encoder) ? { ...options, provider: 'cpu' } : options;
}

function isInt8(encoder: VisualEncoderSpec | TextEncoderSpec): boolean {
  return encoder.kind !== 'onnx' && encoder.precision === 'int8';
}
