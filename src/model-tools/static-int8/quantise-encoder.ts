import { readFile } from 'node:fs/promises';
import { imagesInput, readEncoderWeights } from '../../architectures/encoders/code-encoder.ts';
import { FEATURES_OUTPUT, pooledFeatures } from '../../architectures/encoders/visual-graph.ts';
import { STANDARD_LOWERING } from '../../architectures/lowering/standard-lowering.ts';
import { toOnnxModel } from '../../graph/emit/emit.ts';
import { decodeOnnxModel } from '../../graph/emit/onnx-encoding.ts';
import { foldBatchNorms } from '../../graph/quantise/fold-batch-norms.ts';
import { keepOutputs } from '../../graph/quantise/keep-outputs.ts';
import { convolutionNames, quantiseGraph, usesIntegers } from '../../graph/quantise/quantise-graph.ts';
import { type Model, modelFilePath } from '../../model/model.ts';
import type { BackboneSpec } from '../../model/model-spec.ts';
import type { SessionOptions } from '../../onnxruntime/session.ts';
import { mean } from '../../util/arrays.ts';
import { cosineSimilarity } from '../../util/vectors.ts';
import { type ActivationStatistics, RANGE_METHODS, type RangeMethod } from './activation-statistics.ts';
import { calibrate, type EncoderGraph, encodePictures } from './calibrate.ts';

/** Pictures of `size` x `size` RGB bytes. */
export interface CalibrationPictures {
  /** Those that ranges are made of */
  readonly calibration: readonly Uint8Array[];
  /** Others, which the vectors are compared on */
  readonly heldOut: readonly Uint8Array[];
}

export interface QuantisedEncoder extends EncoderGraph {
  readonly method: RangeMethod;
  /** The first convolutions that stay in floats */
  readonly floatConvolutions: number;
}

/** Numbers of first convolutions that may stay in floats: they see few channels, so they gain least and lose most by integers. */
const FLOAT_CONVOLUTIONS = [0, 1, 2];
/** Mean cosine from which no more convolutions are tried in floats */
const GOOD_COSINE = 0.999;
/** More convolutions in floats must take away this share of the difference. */
const MIN_GAIN = 0.25;

/**
 * An encoder with its convolutions in 8-bit integers. Of the ways to choose ranges it takes the one that keeps the features of the
 * pictures that are held out best. Undefined for an encoder without convolutions.
 * @throws ModelError, WeightsError or GraphError if the files do not hold such an encoder, or a number is not finite
 */
export async function quantiseEncoder(
  model: Model,
  backbone: BackboneSpec,
  { calibration, heldOut }: CalibrationPictures,
  options: SessionOptions,
): Promise<QuantisedEncoder | undefined> {
  const { image_size: size } = model.spec.vision;
  const floats = await readFloatEncoder(model, backbone);
  if (!usesIntegers(floats.model)) return undefined;
  const statistics = await calibrate(floats, backbone, size, calibration, options);
  const expected = await encodePictures(floats, backbone, size, heldOut, options);
  let best: { readonly encoder: QuantisedEncoder; readonly cosine: number } | undefined;
  for (const floatConvolutions of FLOAT_CONVOLUTIONS) {
    for (const method of RANGE_METHODS) {
      const encoder = quantise(floats, statistics, method, floatConvolutions);
      const features = await encodePictures(encoder, backbone, size, heldOut, options);
      const cosine = mean(features.map((row, i) => cosineSimilarity(row, expected[i] ?? row)));
      const isAsInteger = floatConvolutions === best?.encoder.floatConvolutions;
      const maxDifference = best === undefined ? 2 : (1 - best.cosine) * (isAsInteger ? 1 : 1 - MIN_GAIN);
      if (1 - cosine < maxDifference) best = { encoder, cosine };
    }
    if (best !== undefined && best.cosine >= GOOD_COSINE) break;
  }
  return best?.encoder;
}

function quantise(
  floats: EncoderGraph,
  statistics: ReadonlyMap<string, ActivationStatistics>,
  method: RangeMethod,
  floatConvolutions: number,
): QuantisedEncoder {
  const activations = new Map([...statistics].map(([name, activation]) => [name, activation.toActivation(method)]));
  const excluded = new Set(convolutionNames(floats.model).slice(0, floatConvolutions));
  return { ...floats, model: quantiseGraph(floats.model, activations, excluded), method, floatConvolutions };
}

async function readFloatEncoder(model: Model, { encoder, name }: BackboneSpec): Promise<EncoderGraph> {
  if (encoder.kind === 'onnx') {
    const file = modelFilePath(model, encoder.file);
    const onnxModel = keepOutputs(decodeOnnxModel(await readFile(file), file), [encoder.output]);
    return { model: foldBatchNorms(onnxModel), input: encoder.input, output: encoder.output };
  }
  const images = imagesInput(model.spec.vision.image_size);
  const weights = await readEncoderWeights(modelFilePath(model, encoder.weights), encoder.prefix);
  const features = pooledFeatures(weights, encoder, images, STANDARD_LOWERING);
  const onnxModel = toOnnxModel({ name, outputs: { [FEATURES_OUTPUT]: features } });
  return { model: foldBatchNorms(onnxModel), input: images.name, output: FEATURES_OUTPUT };
}
