import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeModel } from '../../src/graph/emit/chain.ts';
import { toModel } from '../../src/graph/emit/emit.ts';
import type { Model as OnnxModel } from '../../src/graph/emit/onnx.ts';
import { input, type Value } from '../../src/graph/value.ts';
import { bert, bertSizes } from '../../src/model/backbones/bert.ts';
import { resnet, resnetSizes } from '../../src/model/backbones/resnet.ts';
import { siglip, siglipSizes } from '../../src/model/backbones/siglip.ts';
import { formOf, readEncoderWeights } from '../../src/model/encoders/code-encoder.ts';
import type { Form } from '../../src/model/forms/form.ts';
import { FILES, HEADS, PREFIXES } from '../../src/model/stage3-base/files.ts';
import type { WeightSource } from '../../src/weights/weight-source.ts';
import type { Contestant, Encoder } from './contestants.ts';
import { IMAGE_SIZE, INPUTS } from './inputs.ts';

export const FEATURES = 'features';

/** The part of a stage3-base model that holds each. */
const PARTS = { siglip: 'siglip', resnet: 'resnet', minilm: 'text' } as const;

const BUILD: Readonly<Record<Encoder, (weights: WeightSource, form: Form) => Value>> = {
  siglip: (weights, form) => siglip(weights, siglipSizes(weights, HEADS), images(), form),
  resnet: (weights) => resnet(weights, resnetSizes(weights), images()),
  minilm: (weights, form) => {
    const [ids, mask] = [INPUTS.ids, INPUTS.mask].map((name) => input(name, 'int64', ['n', 't'])) as [Value, Value];
    return bert(weights, bertSizes(weights, HEADS), ids, mask, form);
  },
};

/** @param folder that of a stage3-base model, or of exported ONNX files */
export async function contestantGraph({ encoder, variant }: Contestant, folder: string): Promise<OnnxModel> {
  if (variant === 'exported') {
    const file = path.join(folder, `${encoder}.onnx`);
    return decodeModel(await readFile(file), file);
  }
  const part = PARTS[encoder];
  const weights = await readEncoderWeights(path.join(folder, FILES[part]), PREFIXES[part]);
  return toModel({ name: encoder, outputs: { [FEATURES]: BUILD[encoder](weights, formOf(variant)) } });
}

/** Normalised already: the exported graphs have no such front either. */
function images(): Value {
  return input(INPUTS.images, 'float32', ['n', 3, IMAGE_SIZE, IMAGE_SIZE]);
}
