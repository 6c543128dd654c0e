import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { bert, inferBertSizes } from '../../src/architectures/backbones/bert.ts';
import { inferResnetSizes, resnet } from '../../src/architectures/backbones/resnet.ts';
import { inferSiglipSizes, siglip } from '../../src/architectures/backbones/siglip.ts';
import { loweringFor, readEncoderWeights } from '../../src/architectures/encoders/code-encoder.ts';
import type { Lowering } from '../../src/architectures/lowering/lowering.ts';
import { toOnnxModel } from '../../src/graph/emit/emit.ts';
import type { OnnxModel } from '../../src/graph/emit/onnx-schema.ts';
import { decodeModel } from '../../src/graph/emit/prepend-graph.ts';
import { input, type Value } from '../../src/graph/value.ts';
import { STAGE3_FILES, STAGE3_HEADS, STAGE3_PREFIXES } from '../../src/model-tools/stage3-base/stage3-files.ts';
import type { WeightSource } from '../../src/weights/weight-source.ts';
import type { Contestant, Encoder } from './contestants.ts';
import { IMAGE_SIZE, INPUTS } from './encoder-inputs.ts';

export const FEATURES = 'features';

/** The part of a stage3-base model that holds each. */
const PARTS = { siglip: 'siglip', resnet: 'resnet', minilm: 'text' } as const;

const BUILD: Readonly<Record<Encoder, (weights: WeightSource, form: Lowering) => Value>> = {
  siglip: (weights, form) => siglip(weights, inferSiglipSizes(weights, STAGE3_HEADS), images(), form),
  resnet: (weights) => resnet(weights, inferResnetSizes(weights), images()),
  minilm: (weights, form) => {
    const [ids, mask] = [INPUTS.ids, INPUTS.mask].map((name) => input(name, 'int64', ['n', 't'])) as [Value, Value];
    return bert(weights, inferBertSizes(weights, STAGE3_HEADS), ids, mask, form);
  },
};

/** @param folder that of a stage3-base model, or of exported ONNX files */
export async function contestantGraph({ encoder, variant }: Contestant, folder: string): Promise<OnnxModel> {
  if (variant === 'exported') {
    const file = path.join(folder, `${encoder}.onnx`);
    return decodeModel(await readFile(file), file);
  }
  const part = PARTS[encoder];
  const weights = await readEncoderWeights(path.join(folder, STAGE3_FILES[part]), STAGE3_PREFIXES[part]);
  return toOnnxModel({ name: encoder, outputs: { [FEATURES]: BUILD[encoder](weights, loweringFor(variant)) } });
}

/** Normalised already: the exported graphs have no such front either. */
function images(): Value {
  return input(INPUTS.images, 'float32', ['n', 3, IMAGE_SIZE, IMAGE_SIZE]);
}
