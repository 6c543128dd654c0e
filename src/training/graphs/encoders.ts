import { input, type Value } from '../../graph/value.ts';
import { bert, bertSizes } from '../../model/backbones/bert.ts';
import { textInputs } from '../../model/backbones/inputs.ts';
import { normalise, pooledFeatures } from '../../model/encoders/visual-graph.ts';
import { PLAIN } from '../../model/forms/plain.ts';
import type { HeadSpec } from '../../model/head/head-spec.ts';
import { ModelError } from '../../model/model-error.ts';
import type { BackboneSpec, TextSpec } from '../../model/model-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { visionColumn } from '../data/columns.ts';
import type { Pooled } from './loss.ts';

/** Frozen encoders: what they say is fed. */
export function pooledInputs({ backbones, textFeatures }: Pick<HeadSpec, 'backbones' | 'textFeatures'>): Pooled {
  const rows = (name: string, width: number): Value => input(name, 'float32', ['n', width]);
  return {
    vision: backbones.map(({ name, features }) => rows(visionColumn(name), features)),
    text: rows('text_features', textFeatures),
  };
}

/** Where an encoder's weights stand among those of a training, before its own keys. */
export function encoderKey(name: string): string {
  return `encoders.${name}.`;
}

export const TEXT_ENCODER = 'text';

/**
 * Encoders that are trained: in operators that have gradients, from pixels uint8 (n, size, size, 3) and token ids. Their
 * BatchNorms keep their running statistics, as in the original.
 * @throws ModelError where an encoder is an ONNX file; WeightsError
 */
export function trainedEncoders(
  weights: WeightSource,
  backbones: readonly BackboneSpec[],
  text: TextSpec,
  imageSize: number,
): Pooled {
  const pixels = input('pixels', 'uint8', ['n', imageSize, imageSize, 3]);
  const { ids, mask } = textInputs();
  const vision = backbones.map((backbone) => {
    const { name, encoder } = backbone;
    if (encoder.kind === 'onnx') throw foreign(encoder.file);
    return pooledFeatures(weights.within(encoderKey(name)), encoder, normalise(pixels, backbone), PLAIN);
  });
  if (text.encoder.kind === 'onnx') throw foreign(text.encoder.file);
  const words = weights.within(encoderKey(TEXT_ENCODER));
  return { vision, text: bert(words, bertSizes(words, text.encoder.heads), ids, mask, PLAIN) };
}

function foreign(file: string): ModelError {
  return new ModelError(
    `the encoder ${file} is an ONNX file, which can only be used as it is: freeze_backbones must be true`,
  );
}
