import { readFile } from 'node:fs/promises';
import { toOnnxModel } from '../../graph/emit/emit.ts';
import type { OnnxModel } from '../../graph/emit/onnx-schema.ts';
import { decodeModel, prependGraph } from '../../graph/emit/prepend-graph.ts';
import { Add, Cast, Concat, Mul, Transpose } from '../../graph/ops/operators.ts';
import { constant, input, type Value } from '../../graph/value.ts';
import { type Model, modelFilePath } from '../../model/model.ts';
import { ModelError } from '../../model/model-error.ts';
import type { BackboneSpec, VisualEncoderSpec } from '../../model/model-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { inferResnetSizes, resnet } from '../backbones/resnet.ts';
import { inferSiglipSizes, siglip } from '../backbones/siglip.ts';
import type { Lowering } from '../lowering/lowering.ts';
import { castToPrecision, loweringFor, readEncoderWeights } from './code-encoder.ts';

/** Inputs that every visual encoder is given in place of its own; no encoder has them itself. */
export const PIXELS_INPUT = 'panelvec/pixels';
export const NORMALISED_INPUT = 'panelvec/normalised';
/** The output of encoders that are code. */
export const FEATURES_OUTPUT = 'features';

type CodeEncoderSpec = Exclude<VisualEncoderSpec, { kind: 'onnx' }>;

/** What of a backbone's normalisation the graph needs: its own, and that of the tensors which callers have normalised. */
interface Normalisations {
  readonly target: Pick<BackboneSpec, 'mean' | 'std'>;
  readonly source: Pick<BackboneSpec, 'mean' | 'std'>;
}

/**
 * A visual encoder with two doors, whose rows run together: `panelvec/pixels` uint8 (n, size, size, 3), a quarter of the
 * bytes that floats would move between processes and normalised by each backbone in its own way; and
 * `panelvec/normalised` float32 (m, 3, size, size), as the model's first backbone normalises. Either may have no rows.
 * @returns ONNX: pixels, then normalised -> pooled features float32 (n + m, features)
 * @throws GraphError, WeightsError or ModelError where the files do not hold such an encoder
 */
export async function buildVisualGraph(model: Model, backbone: BackboneSpec): Promise<OnnxModel> {
  const { image_size: size, backbones } = model.spec.vision;
  const { encoder } = backbone;
  const images = modelInputs(size, { target: backbone, source: backbones[0]! });
  if (encoder.kind === 'onnx') {
    const file = modelFilePath(model, encoder.file);
    const onnxModel = decodeModel(await readFile(file), file);
    return prependGraph({ name: PIXELS_INPUT, outputs: { [encoder.input]: images } }, onnxModel, [encoder.output]);
  }
  const weights = await readEncoderWeights(modelFilePath(model, encoder.weights), encoder.prefix);
  assertImageSize(weights, encoder, size);
  const features = pooledFeatures(weights, encoder, images, loweringFor(encoder.precision));
  return toOnnxModel({
    name: backbone.name,
    outputs: castToPrecision({ [FEATURES_OUTPUT]: features }, encoder.precision),
  });
}

/** Name of the pooled features among the session's outputs. */
export function visualOutputName(encoder: VisualEncoderSpec): string {
  return encoder.kind === 'onnx' ? encoder.output : FEATURES_OUTPUT;
}

/** Normalised pixels (n, 3, size, size) -> (n, features). @throws WeightsError */
export function pooledFeatures(
  weights: WeightSource,
  encoder: CodeEncoderSpec,
  images: Value,
  lowering: Lowering,
): Value {
  if (encoder.kind === 'resnet') return resnet(weights, inferResnetSizes(weights), images);
  return siglip(weights, inferSiglipSizes(weights, encoder.heads), images, lowering);
}

function assertImageSize(weights: WeightSource, encoder: CodeEncoderSpec, size: number): void {
  if (encoder.kind !== 'siglip') return;
  const { imageSize } = inferSiglipSizes(weights, encoder.heads);
  if (imageSize !== size)
    throw new ModelError(`the SigLIP weights are for ${imageSize} x ${imageSize} pixels, not ${size}`);
}

function modelInputs(size: number, normalisations: Normalisations): Value {
  const pixels = normalise(input(PIXELS_INPUT, 'uint8', ['n', size, size, 3]), normalisations.target);
  const renormalised = renormalise(input(NORMALISED_INPUT, 'float32', ['m', 3, size, size]), normalisations);
  return Concat([pixels, renormalised], 0);
}

/** uint8 (n, h, w, 3) -> float32 (n, 3, h, w), (x / 255 - mean) / std */
export function normalise(pixels: Value, { mean, std }: Normalisations['target']): Value {
  const scale = std.map((value) => 1 / (255 * value));
  const shift = mean.map((value, channel) => -value / std[channel]!);
  return affine(Transpose(Cast(pixels, 'float32'), [0, 3, 1, 2]), scale, shift);
}

/** From the callers' normalisation to the backbone's own. */
function renormalise(images: Value, { target, source }: Normalisations): Value {
  const scale = target.std.map((std, channel) => source.std[channel]! / std);
  const shift = target.mean.map((mean, channel) => (source.mean[channel]! - mean) / target.std[channel]!);
  const isIdentity = scale.every((value) => value === 1) && shift.every((value) => value === 0);
  return isIdentity ? images : affine(images, scale, shift);
}

/** The image that is all zeros once a backbone has normalised it, as a caller would give it: 3 * size * size floats */
export function zeroImage({ spec }: Model, { mean }: BackboneSpec): Float32Array {
  const { image_size: size, backbones } = spec.vision;
  const callerNormalisation = backbones[0]!;
  const image = new Float32Array(3 * size * size);
  for (const [channel, value] of mean.entries()) {
    image.fill(
      (value - callerNormalisation.mean[channel]!) / callerNormalisation.std[channel]!,
      channel * size ** 2,
      (channel + 1) * size ** 2,
    );
  }
  return image;
}

function affine(x: Value, scale: readonly number[], shift: readonly number[]): Value {
  const channels = (values: readonly number[]) => constant('float32', [3, 1, 1], values);
  return Add(Mul(x, channels(scale)), channels(shift));
}
