import type { AnyTextSpec } from '../../architectures/encoders/text-graph.ts';
import type { VisualEncoderSpec } from '../../model/model-spec.ts';
import type { Provider } from '../../onnxruntime/provider.ts';
import type { SessionOptions } from '../../onnxruntime/session.ts';
import { bucketSizes } from './buckets.ts';

/** More rows gain nothing on a CPU (docs/decisions/0006), and each takes memory for its activations: 10 MB in EfficientNet-Lite1. */
const MAX_SIGLIP_ROWS_ON_CPU = 2;
const MAX_ROWS_ON_CPU = 4;
/** Tokens of all rows of a run. With more, a text takes as long on a CPU, and its attention more memory. */
const MAX_TOKENS_ON_CPU = 512;

/**
 * The numbers of rows that a visual encoder runs with, smallest first. They are chosen so that a row's result does not depend
 * on the rows beside it, to the last bit on the CPU: in a transformer in int8 rows run alone, because activations that are
 * quantised together share one scale. Ranges that are known before, as those of an int8 ONNX file, depend on no row.
 */
export function visualBatchSizes(encoder: VisualEncoderSpec, provider: Provider, maxBatch: number): number[] {
  if (isInt8(encoder) && encoder.kind !== 'onnx') return [1];
  if (provider !== 'cpu' && !isInt8(encoder)) return bucketSizes(1, maxBatch);
  const maxRows = encoder.kind === 'siglip' ? MAX_SIGLIP_ROWS_ON_CPU : MAX_ROWS_ON_CPU;
  return bucketSizes(1, Math.min(maxRows, maxBatch));
}

/**
 * The numbers of rows that a text encoder runs with. An ONNX file runs with two rows or more: ONNX Runtime multiplies single
 * rows with another kernel, whose results differ in the last bits.
 */
export function textBatchSizes(encoder: AnyTextSpec['encoder'], maxBatch: number): number[] {
  if (isInt8(encoder)) return [1];
  return bucketSizes(encoder.kind === 'onnx' ? 2 : 1, maxBatch);
}

/** Those of the numbers of rows that texts of a length run with. The smallest is always one of them. */
export function textBatchSizesAtLength(sizes: readonly number[], length: number, provider: Provider): number[] {
  const maxRows = provider === 'cpu' ? MAX_TOKENS_ON_CPU / length : Number.POSITIVE_INFINITY;
  return sizes.filter((size, index) => index === 0 || size <= maxRows);
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
  return 'precision' in encoder && encoder.precision === 'int8';
}
