import { bert, inferBertSizes } from '../../architectures/backbones/bert.ts';
import { textInputs } from '../../architectures/encoders/code-encoder.ts';
import { normalise, pooledFeatures } from '../../architectures/encoders/visual-graph.ts';
import { STANDARD_LOWERING } from '../../architectures/lowering/standard-lowering.ts';
import { input, type Value } from '../../graph/value.ts';
import type { HeadSpec } from '../../model/head-spec.ts';
import { ModelError } from '../../model/model-error.ts';
import type { BackboneSpec, TextSpec } from '../../model/model-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { visionColumn } from '../data/columns.ts';
import type { EncoderOutputs } from './batch-losses.ts';

/** Frozen encoders: what they say is fed. */
export function featureInputs({
  backbones,
  textFeatures,
}: Pick<HeadSpec, 'backbones' | 'textFeatures'>): EncoderOutputs {
  const featureInput = (name: string, width: number): Value => input(name, 'float32', ['n', width]);
  return {
    vision: backbones.map(({ name, features }) => featureInput(visionColumn(name), features)),
    text: featureInput('text_features', textFeatures),
  };
}

/** Where an encoder's weights stand among those of a training, before its own keys. */
export function encoderPrefix(name: string): string {
  return `encoders.${name}.`;
}

export const TEXT_ENCODER = 'text';

/**
 * Encoders that are trained: in operators that have gradients, from pixels uint8 (n, size, size, 3) and token ids. Their
 * BatchNorms keep their running statistics, as in the original.
 * @throws ModelError where an encoder is an ONNX file; WeightsError
 */
export function trainableEncoderOutputs(
  weights: WeightSource,
  backbones: readonly BackboneSpec[],
  text: TextSpec,
  imageSize: number,
): EncoderOutputs {
  const pixels = input('pixels', 'uint8', ['n', imageSize, imageSize, 3]);
  const { ids, mask } = textInputs();
  const vision = backbones.map((backbone) => {
    const { name, encoder } = backbone;
    if (encoder.kind === 'onnx') throw onnxEncoderError(encoder.file);
    return pooledFeatures(
      weights.withPrefix(encoderPrefix(name)),
      encoder,
      normalise(pixels, backbone),
      STANDARD_LOWERING,
    );
  });
  if (text.encoder.kind === 'onnx') throw onnxEncoderError(text.encoder.file);
  const textWeights = weights.withPrefix(encoderPrefix(TEXT_ENCODER));
  return {
    vision,
    text: bert(textWeights, inferBertSizes(textWeights, text.encoder.heads), ids, mask, STANDARD_LOWERING),
  };
}

function onnxEncoderError(file: string): ModelError {
  return new ModelError(
    `the encoder ${file} is an ONNX file, which can only be used as it is: freeze_backbones must be true`,
  );
}
