import { encodeOnnxModel } from '../../graph/emit/onnx-encoding.ts';
import type { Model } from '../../model/model.ts';
import type { Int8FileSpec } from '../with-precision.ts';
import { type CalibrationPictures, quantiseEncoder } from './quantise-encoder.ts';

/** An encoder that became a file of integers: what model.json says of it, and the file. */
export interface Int8Encoder {
  readonly spec: Int8FileSpec;
  readonly bytes: Uint8Array;
  /** How it was quantised, in a few words */
  readonly summary: string;
}

/**
 * Makes ONNX files of the visual encoders of a model that have convolutions, by the names of their backbones. Transformers have none
 * worth it: their int8 needs no calibration.
 */
export async function quantiseEncoders(
  model: Model,
  pictures: CalibrationPictures,
  threads: number,
): Promise<Map<string, Int8Encoder>> {
  const encoders = new Map<string, Int8Encoder>();
  for (const backbone of model.spec.vision.backbones) {
    if (backbone.encoder.kind === 'siglip') continue;
    const options = { provider: 'cpu', device: 0, threads } as const;
    const quantised = await quantiseEncoder(model, backbone, pictures, options);
    if (quantised === undefined) continue;
    const { input, output, method, floatConvolutions } = quantised;
    const summary = `ranges of activations by ${method}, the first ${floatConvolutions} convolutions in fp32`;
    const spec: Int8FileSpec = { kind: 'onnx', file: `${backbone.name}.int8.onnx`, input, output, precision: 'int8' };
    encoders.set(backbone.name, { spec, bytes: encodeOnnxModel(quantised.model), summary });
  }
  return encoders;
}
