import { bert, inferBertSizes } from '../../architectures/backbones/bert.ts';
import { textInputs } from '../../architectures/encoders/code-encoder.ts';
import { normalise, pooledFeatures } from '../../architectures/encoders/visual-graph.ts';
import { STANDARD_LOWERING } from '../../architectures/lowering/standard-lowering.ts';
import { ReduceMean, Reshape } from '../../graph/ops/operators.ts';
import { input, type Value } from '../../graph/value.ts';
import { ModelError } from '../../model/model-error.ts';
import type { ModelSpec } from '../../model/model-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { columnInput } from '../graph-inputs.ts';
import { COLUMNS, visionColumn } from '../training-columns.ts';

/** Pooled features of n panels: by backbone (n, features), and of the texts (n, features). */
export interface EncoderOutputs {
  readonly vision: readonly Value[];
  readonly text: Value;
}

type EncoderSpecs = Pick<ModelSpec, 'vision' | 'text'>;

/** The name of the text encoder among those of a training; visual encoders have the names of their backbones. */
export const TEXT_ENCODER = 'text';

/** The prefix of an encoder's weights among those of a training. */
export function encoderPrefix(name: string): string {
  return `encoders.${name}.`;
}

/** Whether a weight of a training belongs to an encoder. */
export function isEncoderKey(key: string): boolean {
  return key.startsWith('encoders.');
}

/**
 * The values that the head is trained on: features that are fed where the encoders are frozen, and encoders in the graph where
 * they are trained too.
 * @throws ModelError where an encoder to train is an ONNX file; WeightsError
 */
export function buildEncoderOutputs(
  { model, options }: { readonly model: EncoderSpecs; readonly options: { readonly freeze_backbones: boolean } },
  weights: WeightSource,
): EncoderOutputs {
  return options.freeze_backbones ? featureInputs(model) : trainableEncoders(model, weights);
}

function featureInputs({ vision, text }: EncoderSpecs): EncoderOutputs {
  const featureInput = (column: string, width: number) => input(columnInput(column), 'float32', ['n', width]);
  return {
    vision: vision.backbones.map(({ name, features }) => featureInput(visionColumn(name), features)),
    text: featureInput(COLUMNS.text, text.features),
  };
}

/**
 * Encoders in operators that have gradients, from pixels uint8 (n, views, size, size, 3) and token ids. Their BatchNorms keep
 * their running statistics, as in the original.
 */
function trainableEncoders({ vision, text }: EncoderSpecs, weights: WeightSource): EncoderOutputs {
  const { image_size: size, grid_views: gridViews } = vision;
  const pixels = input(columnInput(COLUMNS.pixels), 'uint8', ['n', gridViews, size, size, 3]);
  const views = Reshape(pixels, [-1, size, size, 3]);
  const visionFeatures = vision.backbones.map((backbone) => {
    const { name, encoder, features: width } = backbone;
    if (encoder.kind === 'onnx') throw onnxEncoderError(encoder.file);
    const encoderWeights = weights.withPrefix(encoderPrefix(name));
    const features = pooledFeatures(encoderWeights, encoder, normalise(views, backbone), STANDARD_LOWERING);
    return ReduceMean(Reshape(features, [-1, gridViews, width]), [1], false);
  });
  if (text.encoder.kind === 'onnx') throw onnxEncoderError(text.encoder.file);
  const textWeights = weights.withPrefix(encoderPrefix(TEXT_ENCODER));
  const sizes = inferBertSizes(textWeights, text.encoder.heads);
  const { ids, mask } = textInputs();
  const textFeatures = bert(textWeights, sizes, ids, mask, STANDARD_LOWERING, text.encoder.pooled_layers);
  return { vision: visionFeatures, text: textFeatures };
}

function onnxEncoderError(file: string): ModelError {
  return new ModelError(`the encoder ${file} is an ONNX file and cannot be trained: set freeze_backbones to true`);
}
