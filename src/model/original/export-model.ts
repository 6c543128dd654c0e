import path from 'node:path';
import { oneLine } from '../../errors.ts';
import { readSafetensors, type Tensor } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import { isHeadKey } from '../head/head.ts';
import { type Model, modelFile, verifyFiles } from '../model.ts';
import { ModelError } from '../model-error.ts';
import { encoderPrefixes } from './layout.ts';
import { writeHints } from './metadata.ts';

/** Of an upstream file, what the original's modules do not have: ResNet's classifier. */
const LEFT_OUT = /^fc\./;

interface Source {
  readonly file: string;
  /** What stands before a key in the file, and in the original */
  readonly from: string;
  readonly to: string;
}

/**
 * Writes a model's weights to one safetensors file under the original's key names, with what the keys cannot tell in its
 * metadata: importing it gives the same vectors. Weights keep their precision.
 * @throws ModelError where an encoder is not code
 */
export async function exportModel(model: Model, file: string): Promise<number> {
  await verifyFiles(model);
  const tensors = new Map<string, Tensor>();
  for (const { file: name, from, to } of encoderSources(model)) {
    const read = await readSafetensors(modelFile(model, name), (key) => key.startsWith(from));
    for (const [key, tensor] of read.tensors) {
      const rest = key.slice(from.length);
      if (!LEFT_OUT.test(rest)) tensors.set(to + rest, tensor);
    }
  }
  const head = await readSafetensors(modelFile(model, model.spec.head.weights), isHeadKey);
  for (const [key, tensor] of head.tensors) tensors.set(key, tensor);
  await writeSafetensors(path.resolve(file), tensors, writeHints(model.spec)).catch((cause: unknown) => {
    throw new ModelError(`cannot write ${file}: ${oneLine(cause)}`, { cause });
  });
  return tensors.size;
}

function encoderSources({ id, spec }: Model): Source[] {
  const names = spec.vision.backbones.map(({ name }) => name);
  if (spec.vision.backbones.some(({ name, encoder }) => encoder.kind !== 'onnx' && encoder.kind !== name)) {
    throw new ModelError(`${id}: the original has no backbones named ${names.join(' and ')}`);
  }
  // The order of the fusion's inputs: nothing in the keys would tell another one.
  if (names.join() === 'resnet,siglip') throw new ModelError(`${id}: the original has SigLIP before ResNet`);
  const prefixes = encoderPrefixes(names);
  const parts = [...spec.vision.backbones.map(({ encoder }) => encoder), spec.text.encoder];
  return parts.map((encoder) => {
    if (encoder.kind === 'onnx') {
      throw new ModelError(`${id}: the encoder ${encoder.file} is an ONNX file, which has no keys of the original's`);
    }
    return {
      file: encoder.weights,
      from: encoder.prefix,
      to: prefixes[encoder.kind === 'bert' ? 'text' : encoder.kind]!,
    };
  });
}
