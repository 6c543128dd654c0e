import path from 'node:path';
import { isHeadKey } from '../../architectures/head/head.ts';
import { firstLine } from '../../errors.ts';
import { type Model, modelFilePath, verifyFiles } from '../../model/model.ts';
import { ModelError } from '../../model/model-error.ts';
import { readSafetensors } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { encodeHints } from './checkpoint-hints.ts';
import { encoderPrefixes } from './checkpoint-layout.ts';

/** Weights that the original PyTorch modules do not have: ResNet's classifier */
const EXCLUDED_KEYS = /^fc\./;

interface EncoderSource {
  readonly file: string;
  /** Prefixes of the encoder's keys in the file, and in a checkpoint */
  readonly sourcePrefix: string;
  readonly targetPrefix: string;
}

/**
 * Writes the weights of a model to one safetensors file, under the key names of a PyTorch checkpoint and with hints in its
 * metadata, so that an import gives the same vectors. Weights keep their precision.
 * @returns the number of tensors
 * @throws ModelError if an encoder is an ONNX file
 */
export async function exportModel(model: Model, file: string): Promise<number> {
  await verifyFiles(model);
  const tensors = new Map<string, Tensor>();
  for (const { file: name, sourcePrefix, targetPrefix } of encoderSources(model)) {
    const source = await readSafetensors(modelFilePath(model, name), (key) => key.startsWith(sourcePrefix));
    for (const [key, tensor] of source.tensors) {
      const suffix = key.slice(sourcePrefix.length);
      if (!EXCLUDED_KEYS.test(suffix)) tensors.set(targetPrefix + suffix, tensor);
    }
  }
  const head = await readSafetensors(modelFilePath(model, model.spec.head.weights), isHeadKey);
  for (const [key, tensor] of head.tensors) tensors.set(key, tensor);
  await writeSafetensors(path.resolve(file), tensors, encodeHints(model.spec)).catch((cause: unknown) => {
    throw new ModelError(firstLine(cause), { cause });
  });
  return tensors.size;
}

function encoderSources({ id, spec }: Model): EncoderSource[] {
  const encoders = [...spec.vision.backbones.map(({ encoder }) => encoder), spec.text.encoder].map((encoder) => {
    if (encoder.kind === 'onnx') {
      throw new ModelError(`${id}: the encoder ${encoder.file} is an ONNX file, which has no weights to export`);
    }
    if (encoder.kind === 'efficientnet_lite') {
      throw new ModelError(`${id}: a checkpoint of the original has SigLIP or ResNet, not EfficientNet-Lite`);
    }
    return encoder;
  });
  const names = spec.vision.backbones.map(({ name }) => name);
  if (spec.vision.backbones.some(({ name, encoder }) => encoder.kind !== name)) {
    throw new ModelError(`${id}: a checkpoint cannot have backbones named ${names.join(' and ')}`);
  }
  // The keys do not tell the order of the fusion's inputs.
  if (names.join() === 'resnet,siglip') throw new ModelError(`${id}: a checkpoint has SigLIP before ResNet`);
  const prefixes = encoderPrefixes(names);
  return encoders.map((encoder) => ({
    file: encoder.weights,
    sourcePrefix: encoder.prefix,
    targetPrefix: prefixes[encoder.kind === 'bert' ? 'text' : encoder.kind],
  }));
}
