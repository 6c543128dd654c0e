import { readFile } from 'node:fs/promises';
import { toOnnxModel } from '../../graph/emit/emit.ts';
import { decodeOnnxModel } from '../../graph/emit/onnx-encoding.ts';
import type { OnnxModel } from '../../graph/emit/onnx-schema.ts';
import { prependGraph } from '../../graph/emit/prepend-graph.ts';
import { Add, Cast, Concat, Mul, Reshape, Transpose } from '../../graph/ops/operators.ts';
import type { Dim } from '../../graph/shape.ts';
import { constant, input, type Value } from '../../graph/value.ts';
import { type Model, modelFilePath } from '../../model/model.ts';
import { ModelError } from '../../model/model-error.ts';
import { type BackboneSpec, firstBackbone, type VisualEncoderSpec } from '../../model/model-spec.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { efficientnetLite, inferEfficientnetLiteSizes } from '../backbones/efficientnet-lite.ts';
import { inferResnetSizes, resnet } from '../backbones/resnet.ts';
import { inferSiglipSizes, siglip } from '../backbones/siglip.ts';
import type { Lowering } from '../lowering/lowering.ts';
import { castToPrecision, chooseLowering, readEncoderWeights } from './code-encoder.ts';

/** Inputs that replace the own input of every visual encoder. */
export const PIXELS_INPUT = 'panelvec/pixels';
export const NORMALISED_INPUT = 'panelvec/normalised';
/** Output of encoders whose architecture is code. */
export const FEATURES_OUTPUT = 'features';

type CodeEncoderSpec = Exclude<VisualEncoderSpec, { kind: 'onnx' }>;

type Normalisation = Pick<BackboneSpec, 'mean' | 'std'>;

interface Normalisations {
  /** Normalisation that the backbone expects */
  readonly target: Normalisation;
  /** Normalisation of the tensors that clients send */
  readonly source: Normalisation;
}

type Rgb = Normalisation['mean'];
const CHANNELS = [0, 1, 2] as const;
type Channel = (typeof CHANNELS)[number];

/**
 * Builds the graph of a visual encoder with two inputs: `panelvec/pixels` uint8 (n, size, size, 3), which needs a quarter of
 * the bytes of floats between processes and which each backbone normalises in its own way; and `panelvec/normalised`
 * float32 (m, 3, size, size), with the normalisation of the model's first backbone. Either may have no rows.
 * @returns pixels and normalised -> pooled features float32 (n + m, features)
 * @throws GraphError, WeightsError or ModelError if the files do not hold such an encoder
 */
export async function buildVisualGraph(model: Model, backbone: BackboneSpec): Promise<OnnxModel> {
  const { image_size: size } = model.spec.vision;
  const { encoder } = backbone;
  const images = defineInputs(size, { target: backbone, source: firstBackbone(model.spec) });
  if (encoder.kind === 'onnx') {
    const file = modelFilePath(model, encoder.file);
    const onnxModel = decodeOnnxModel(await readFile(file), file);
    return prependGraph({ name: PIXELS_INPUT, outputs: { [encoder.input]: images } }, onnxModel, [encoder.output]);
  }
  const weights = await readEncoderWeights(modelFilePath(model, encoder.weights), encoder.prefix);
  assertImageSize(weights, encoder, size);
  const features = pooledFeatures(weights, encoder, images, chooseLowering(encoder.precision));
  return toOnnxModel({
    name: backbone.name,
    outputs: castToPrecision({ [FEATURES_OUTPUT]: features }, encoder.precision),
  });
}

/** Name of the output with the pooled features. */
export function visualOutputName(encoder: VisualEncoderSpec): string {
  return encoder.kind === 'onnx' ? encoder.output : FEATURES_OUTPUT;
}

/** Pooled features of normalised pixels: (n, 3, size, size) -> (n, features). @throws WeightsError */
export function pooledFeatures(
  weights: WeightSource,
  encoder: CodeEncoderSpec,
  images: Value,
  lowering: Lowering,
): Value {
  switch (encoder.kind) {
    case 'efficientnet_lite':
      return efficientnetLite(weights, inferEfficientnetLiteSizes(weights), images);
    case 'resnet':
      return resnet(weights, inferResnetSizes(weights), images);
    case 'siglip':
      return siglip(weights, inferSiglipSizes(weights, encoder.heads), images, lowering);
  }
}

function assertImageSize(weights: WeightSource, encoder: CodeEncoderSpec, size: number): void {
  if (encoder.kind !== 'siglip') return;
  const { imageSize } = inferSiglipSizes(weights, encoder.heads);
  if (imageSize !== size) {
    throw new ModelError(`the SigLIP weights are for ${imageSize} x ${imageSize} pixels, not ${size}`);
  }
}

function defineInputs(size: number, normalisations: Normalisations): Value {
  const pixels = normalise(input(PIXELS_INPUT, 'uint8', ['n', size, size, 3]), normalisations.target);
  const renormalised = renormalise(input(NORMALISED_INPUT, 'float32', ['m', 3, size, size]), normalisations);
  return Concat([pixels, renormalised], 0);
}

/**
 * (x / 255 - mean) / std: uint8 (n, h, w, 3) -> float32 (n, 3, h, w). Whole rows are multiplied at once: with three numbers at a
 * time, in the layout that integer convolutions have, ONNX Runtime takes ten times as long.
 */
export function normalise(pixels: Value, { mean, std }: Normalisation): Value {
  const [, height, width] = pixels.type.shape as [Dim, number, number, 3];
  const row = (compute: (channel: Channel) => number) =>
    constant('float32', [3 * width], Array.from({ length: width }, () => mapChannels(compute)).flat());
  const rows = Reshape(Cast(pixels, 'float32'), [0, height, 3 * width]);
  const scaled = Mul(
    rows,
    row((channel) => 1 / (255 * std[channel])),
  );
  const normalised = Add(
    scaled,
    row((channel) => -mean[channel] / std[channel]),
  );
  return Transpose(Reshape(normalised, [0, height, width, 3]), [0, 3, 1, 2]);
}

/** Converts from the clients' normalisation to the backbone's. */
function renormalise(images: Value, { target, source }: Normalisations): Value {
  const scale = mapChannels((channel) => source.std[channel] / target.std[channel]);
  const shift = mapChannels((channel) => (source.mean[channel] - target.mean[channel]) / target.std[channel]);
  const isIdentity = scale.every((value) => value === 1) && shift.every((value) => value === 0);
  return isIdentity ? images : affine(images, scale, shift);
}

/** The image that a backbone normalises to all zeros, in the clients' normalisation: 3 * size * size floats */
export function zeroImage({ spec }: Model, { mean }: BackboneSpec): Float32Array {
  const { image_size: size } = spec.vision;
  const source = firstBackbone(spec);
  const image = new Float32Array(3 * size * size);
  for (const channel of CHANNELS) {
    const zero = (mean[channel] - source.mean[channel]) / source.std[channel];
    image.fill(zero, channel * size ** 2, (channel + 1) * size ** 2);
  }
  return image;
}

function mapChannels(compute: (channel: Channel) => number): Rgb {
  const [red, green, blue] = CHANNELS;
  return [compute(red), compute(green), compute(blue)];
}

/** x * scale + shift by channel: (n, 3, h, w) -> (n, 3, h, w) */
function affine(x: Value, scale: Rgb, shift: Rgb): Value {
  const channels = (values: Rgb) => constant('float32', [3, 1, 1], values);
  return Add(Mul(x, channels(scale)), channels(shift));
}
