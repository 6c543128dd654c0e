import { readFile } from 'node:fs/promises';
import { chain, decodeModel } from '../../graph/emit/chain.ts';
import { toModel } from '../../graph/emit/emit.ts';
import type { Model as OnnxModel } from '../../graph/emit/onnx.ts';
import { Add, Cast, Concat, Mul, Transpose } from '../../graph/ops/index.ts';
import { constant, input, type Value } from '../../graph/value.ts';
import type { WeightSource } from '../../weights/weight-source.ts';
import { resnet, resnetSizes } from '../backbones/resnet.ts';
import { siglip, siglipSizes } from '../backbones/siglip.ts';
import type { Form } from '../forms/form.ts';
import { type Model, modelFile } from '../model.ts';
import { ModelError } from '../model-error.ts';
import type { BackboneSpec, VisualEncoderSpec } from '../model-spec.ts';
import { formOf, readEncoderWeights, toPrecision } from './code-encoder.ts';

/** Inputs that every visual encoder is given in place of its own; no encoder has them itself. */
export const PIXELS = 'panelvec/pixels';
export const NORMALISED = 'panelvec/normalised';
/** The output of encoders that are code. */
export const FEATURES = 'features';

type CodeSpec = Exclude<VisualEncoderSpec, { kind: 'onnx' }>;

/** What of a backbone's normalisation the graph needs: its own, and that of the tensors which callers have normalised. */
interface Normalisations {
  readonly own: Pick<BackboneSpec, 'mean' | 'std'>;
  readonly callers: Pick<BackboneSpec, 'mean' | 'std'>;
}

/**
 * A visual encoder with two doors, whose rows run together: `panelvec/pixels` uint8 (n, size, size, 3), a quarter of the
 * bytes that floats would move between processes and normalised by each backbone in its own way; and
 * `panelvec/normalised` float32 (m, 3, size, size), as the model's first backbone normalises. Either may have no rows.
 * @returns ONNX: pixels, then normalised -> pooled features float32 (n + m, features)
 * @throws GraphError, WeightsError or ModelError where the files do not hold such an encoder
 */
export async function visualGraph(model: Model, backbone: BackboneSpec): Promise<OnnxModel> {
  const { image_size: size, backbones } = model.spec.vision;
  const { encoder } = backbone;
  const images = doors(size, { own: backbone, callers: backbones[0]! });
  if (encoder.kind === 'onnx') {
    const file = modelFile(model, encoder.file);
    const foreign = decodeModel(await readFile(file), file);
    return chain({ name: PIXELS, outputs: { [encoder.input]: images } }, foreign, [encoder.output]);
  }
  const weights = await readEncoderWeights(modelFile(model, encoder.weights), encoder.prefix);
  assertSize(weights, encoder, size);
  const features = pooledFeatures(weights, encoder, images, formOf(encoder.precision));
  return toModel({ name: backbone.name, outputs: toPrecision({ [FEATURES]: features }, encoder.precision) });
}

/** Name of the pooled features among the session's outputs. */
export function visualOutput(encoder: VisualEncoderSpec): string {
  return encoder.kind === 'onnx' ? encoder.output : FEATURES;
}

/** Normalised pixels (n, 3, size, size) -> (n, features). @throws WeightsError */
export function pooledFeatures(weights: WeightSource, encoder: CodeSpec, images: Value, form: Form): Value {
  if (encoder.kind === 'resnet') return resnet(weights, resnetSizes(weights), images);
  return siglip(weights, siglipSizes(weights, encoder.heads), images, form);
}

function assertSize(weights: WeightSource, encoder: CodeSpec, size: number): void {
  if (encoder.kind !== 'siglip') return;
  const { image } = siglipSizes(weights, encoder.heads);
  if (image !== size) throw new ModelError(`the SigLIP weights are for ${image} x ${image} pixels, not ${size}`);
}

function doors(size: number, normalisations: Normalisations): Value {
  const pixels = normalise(input(PIXELS, 'uint8', ['n', size, size, 3]), normalisations.own);
  const given = renormalise(input(NORMALISED, 'float32', ['m', 3, size, size]), normalisations);
  return Concat([pixels, given], 0);
}

/** uint8 (n, h, w, 3) -> float32 (n, 3, h, w), (x / 255 - mean) / std */
export function normalise(pixels: Value, { mean, std }: Normalisations['own']): Value {
  const scale = std.map((value) => 1 / (255 * value));
  const shift = mean.map((value, channel) => -value / std[channel]!);
  return affine(Transpose(Cast(pixels, 'float32'), [0, 3, 1, 2]), scale, shift);
}

/** From the callers' normalisation to the backbone's own. */
function renormalise(images: Value, { own, callers }: Normalisations): Value {
  const scale = own.std.map((std, channel) => callers.std[channel]! / std);
  const shift = own.mean.map((mean, channel) => (callers.mean[channel]! - mean) / own.std[channel]!);
  const same = scale.every((value) => value === 1) && shift.every((value) => value === 0);
  return same ? images : affine(images, scale, shift);
}

/** The image that is all zeros once a backbone has normalised it, as a caller would give it: 3 * size * size floats */
export function zeroImage({ spec }: Model, { mean }: BackboneSpec): Float32Array {
  const { image_size: size, backbones } = spec.vision;
  const callers = backbones[0]!;
  const image = new Float32Array(3 * size * size);
  for (const [channel, value] of mean.entries()) {
    image.fill(
      (value - callers.mean[channel]!) / callers.std[channel]!,
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
