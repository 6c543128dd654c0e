import type { TextEncoderSpec, VisualEncoderSpec } from '../../model/model-spec.ts';
import type { Provider } from '../contract.ts';
import { bucketSizes } from './buckets.ts';

/** One image of SigLIP's activations fits the caches of a core, two still pay, eight go through memory. */
const SIGLIP_ROWS_ON_CPU = 2;

/**
 * How many rows an encoder is run with, smallest first. All are chosen so that a row's result does not depend on the rows
 * beside it, to the last bit on the CPU: in int8 rows run alone, because what is quantised at run time shares one scale.
 */
export function visualRunSizes(encoder: VisualEncoderSpec, provider: Provider, maxBatch: number): number[] {
  if (isInt8(encoder)) return [1];
  const largest = encoder.kind === 'siglip' && provider === 'cpu' ? Math.min(SIGLIP_ROWS_ON_CPU, maxBatch) : maxBatch;
  return bucketSizes(1, largest);
}

/** An ONNX file's products may be of single rows, which ONNX Runtime multiplies by another kernel: two rows or more. */
export function textRunSizes(encoder: TextEncoderSpec, maxBatch: number): number[] {
  if (isInt8(encoder)) return [1];
  return bucketSizes(encoder.kind === 'onnx' ? 2 : 1, maxBatch);
}

function isInt8(encoder: VisualEncoderSpec | TextEncoderSpec): boolean {
  return encoder.kind !== 'onnx' && encoder.precision === 'int8';
}
