/** The encoders of full size, each in several variants, and their inputs. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { bert, inferBertSizes } from '../../src/architectures/backbones/bert.ts';
import { inferResnetSizes, resnet } from '../../src/architectures/backbones/resnet.ts';
import { inferSiglipSizes, siglip } from '../../src/architectures/backbones/siglip.ts';
import { chooseLowering, readEncoderWeights } from '../../src/architectures/encoders/code-encoder.ts';
import type { Lowering } from '../../src/architectures/lowering/lowering.ts';
import { toOnnxModel } from '../../src/graph/emit/emit.ts';
import { decodeOnnxModel } from '../../src/graph/emit/onnx-encoding.ts';
import type { OnnxModel } from '../../src/graph/emit/onnx-schema.ts';
import { input, type Value } from '../../src/graph/value.ts';
import {
  STAGE3_FILES,
  STAGE3_HEADS,
  STAGE3_PREFIXES,
  STAGE3_SIZES,
} from '../../src/model-tools/stage3-base/stage3-files.ts';
import { ort } from '../../src/onnxruntime/session.ts';
import { SeededRandom } from '../../src/util/seeded-random.ts';
import type { WeightSource } from '../../src/weights/weight-source.ts';

export const ENCODERS = ['siglip', 'resnet', 'minilm'] as const;
export type Encoder = (typeof ENCODERS)[number];

/** Our graph as floats and as 8-bit integers, and the graph that another tool has written */
export type Variant = 'fp32' | 'int8' | 'exported';

export interface EncoderVariant {
  readonly encoder: Encoder;
  readonly variant: Variant;
}

export const FEATURES = 'features';
/** Names of the inputs in all graphs */
const INPUTS = { images: 'images', ids: 'input_ids', mask: 'attention_mask' } as const;
const IMAGE_SIZE = STAGE3_SIZES.siglip.imageSize;
const TEXT_TOKENS = 64;
const SEED = 7;

/** The part of a stage3-base model that holds each encoder */
const PARTS = { siglip: 'siglip', resnet: 'resnet', minilm: 'text' } as const;

const BUILD: Readonly<Record<Encoder, (weights: WeightSource, lowering: Lowering) => Value>> = {
  siglip: (weights, lowering) => siglip(weights, inferSiglipSizes(weights, STAGE3_HEADS), imagesInput(), lowering),
  resnet: (weights) => resnet(weights, inferResnetSizes(weights), imagesInput()),
  minilm: (weights, lowering) => {
    const tokensInput = (name: string) => input(name, 'int64', ['n', 't']);
    const sizes = inferBertSizes(weights, STAGE3_HEADS);
    return bert(weights, sizes, tokensInput(INPUTS.ids), tokensInput(INPUTS.mask), lowering);
  },
};

/** @param folder that of a stage3-base model, or of exported ONNX files */
export async function readEncoderGraph({ encoder, variant }: EncoderVariant, folder: string): Promise<OnnxModel> {
  if (variant === 'exported') {
    const file = path.join(folder, `${encoder}.onnx`);
    return decodeOnnxModel(await readFile(file), file);
  }
  const part = PARTS[encoder];
  const weights = await readEncoderWeights(path.join(folder, STAGE3_FILES[part]), STAGE3_PREFIXES[part]);
  return toOnnxModel({ name: encoder, outputs: { [FEATURES]: BUILD[encoder](weights, chooseLowering(variant)) } });
}

/** Normalised already, because the exported graphs do not normalise */
function imagesInput(): Value {
  return input(INPUTS.images, 'float32', ['n', 3, IMAGE_SIZE, IMAGE_SIZE]);
}

type Feeds = Readonly<Record<string, ort.Tensor>>;

/** The same numbers for all variants: images as normalisation leaves them, or texts of random tokens at full length. */
export function encoderFeeds(encoder: Encoder, batch: number): Feeds {
  const random = new SeededRandom(SEED);
  if (encoder !== 'minilm') {
    const shape = [batch, 3, IMAGE_SIZE, IMAGE_SIZE];
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
    return { [INPUTS.images]: new ort.Tensor('float32', values, shape) };
  }
  const shape = [batch, TEXT_TOKENS];
  const drawToken = () => BigInt(Math.floor(random.uniform() * STAGE3_SIZES.text.vocabulary));
  const ids = BigInt64Array.from({ length: batch * TEXT_TOKENS }, drawToken);
  const mask = new BigInt64Array(ids.length).fill(1n);
  return { [INPUTS.ids]: new ort.Tensor('int64', ids, shape), [INPUTS.mask]: new ort.Tensor('int64', mask, shape) };
}
