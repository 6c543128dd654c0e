import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { Checkpoint } from '../../weights/checkpoint.ts';
import { readPyTorch } from '../../weights/pytorch/pytorch-reader.ts';
import { readSafetensors, type Tensor } from '../../weights/safetensors-reader.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import { WeightsError } from '../../weights/weights-error.ts';
import { auditModel } from '../audit/audit-model.ts';
import { BERT_EMPTY_TEXT } from '../encoders/text-graph.ts';
import type { FusionMode } from '../head/head-spec.ts';
import type { Model } from '../model.ts';
import { assertNew, buildModel, type ModelParts } from '../model-builder.ts';
import { ModelError } from '../model-error.ts';
import { placeTokenizer } from '../tokenizer-file.ts';
import { type Hints, readHints, writeHints } from './metadata.ts';
import { partsOf, WEIGHTS } from './parts.ts';

export interface ImportOptions {
  /** Of the new model */
  readonly name: string;
  /** A tokenizer.json; without one the model takes token ids alone */
  readonly tokenizer?: string | undefined;
  readonly fusionMode?: FusionMode | undefined;
  readonly siglipHeads?: number | undefined;
  readonly textHeads?: number | undefined;
  /** Side of the square that pictures are squeezed to; ResNet's weights do not tell */
  readonly imageSize?: number | undefined;
  readonly maxTokens?: number | undefined;
}

const TOKENIZER = 'tokenizer.json';

/**
 * Makes a model of a Stage 3 checkpoint, PyTorch's or safetensors: what it is made of is read from its keys, shapes and
 * metadata, and every weight is checked before anything is kept.
 * @throws WeightsError where the file or its keys are not those of such a model; ModelError where something must be said
 */
export async function importModel(root: string, file: string, options: ImportOptions): Promise<Model> {
  assertNew(root, options.name);
  const { tensors, hints } = await readCheckpoint(file);
  const parts = describe(file, tensors, { ...known(hints), ...given(options) });
  const named = { ...parts, name: options.name, description: `Imported from ${path.basename(file)}` };
  auditModel(file, tensors, named);
  assertEmptyText(named, options.tokenizer);
  return buildModel(root, options.name, (folder) => write(folder, tensors, named, options.tokenizer));
}

/**
 * In `reference` mode an absent text is the encoding of "", whose tokens only a tokenizer knows. Where there is none they
 * are taken to be those of BERT's published vocabularies, which must at least reach so far.
 */
function assertEmptyText({ text, head }: ModelParts, tokenizer: string | undefined): void {
  const largest = Math.max(...BERT_EMPTY_TEXT);
  if (tokenizer !== undefined || head.fusion_mode !== 'reference' || text.vocabulary! > largest) return;
  throw new ModelError(`a vocabulary of ${text.vocabulary} is not BERT's: give --tokenizer`);
}

/** @throws WeightsError, ModelError, naming the file */
function describe(file: string, tensors: ReadonlyMap<string, Tensor>, hints: Hints): ModelParts {
  try {
    return partsOf(new Checkpoint(file, tensors), [...tensors.keys()], hints);
  } catch (error) {
    if (!(error instanceof PanelvecError) || error.message.startsWith(file)) throw error;
    throw new PanelvecError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}

async function write(
  folder: string,
  tensors: ReadonlyMap<string, Tensor>,
  parts: ModelParts,
  tokenizer: string | undefined,
): Promise<ModelParts> {
  // In the order of the keys, which tools that rewrite a checkpoint do not keep: the same weights are the same file.
  const sorted = new Map([...tensors].sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeSafetensors(path.join(folder, WEIGHTS), sorted, writeHints(parts));
  if (tokenizer === undefined) return parts;
  await placeTokenizer(tokenizer, path.join(folder, TOKENIZER), parts.text.vocabulary!);
  return { ...parts, text: { ...parts.text, tokenizer: TOKENIZER } };
}

async function readCheckpoint(file: string): Promise<{ tensors: ReadonlyMap<string, Tensor>; hints: Hints }> {
  if (/\.(pt|pth|bin|ckpt)$/i.test(file)) return { tensors: (await readPyTorch(file)).tensors, hints: {} };
  if (!/\.safetensors$/i.test(file)) {
    throw new WeightsError(`${file}: expected a checkpoint named .pt, .pth, .bin, .ckpt or .safetensors`);
  }
  const { tensors, metadata } = await readSafetensors(file);
  return { tensors, hints: readHints(file, metadata) };
}

function given({ fusionMode, siglipHeads, textHeads, imageSize, maxTokens }: ImportOptions): Hints {
  return known({
    fusion_mode: fusionMode,
    siglip_heads: siglipHeads,
    text_heads: textHeads,
    image_size: imageSize,
    max_tokens: maxTokens,
  });
}

/** Without what is undefined, which would hide what others know. */
function known(hints: Hints): Hints {
  return Object.fromEntries(Object.entries(hints).filter(([, value]) => value !== undefined));
}
