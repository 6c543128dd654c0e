import path from 'node:path';
import { BERT_EMPTY_TEXT } from '../../architectures/encoders/text-graph.ts';
import { PanelvecError } from '../../errors.ts';
import type { FusionMode } from '../../model/head-spec.ts';
import type { Model } from '../../model/model.ts';
import { assertNameIsFree, buildModel } from '../../model/model-builder.ts';
import { ModelError } from '../../model/model-error.ts';
import type { ModelDefinition } from '../../model/model-spec.ts';
import { openWeights } from '../../weights/open-weights.ts';
import { writeSafetensors } from '../../weights/safetensors-writer.ts';
import { StateDict } from '../../weights/state-dict.ts';
import type { Tensor } from '../../weights/tensor.ts';
import { auditModel } from '../audit/audit-model.ts';
import { copyTokenizer } from '../tokenizer-file.ts';
import { type CheckpointHints, encodeHints, parseHints } from './checkpoint-hints.ts';
import { findModelWeights } from './find-model-weights.ts';
import { inferModelDefinition, WEIGHTS_FILE } from './infer-definition.ts';

export interface ImportOptions {
  /** Name of the new model */
  readonly name: string;
  /** Path of a tokenizer.json; without one the model accepts only token ids */
  readonly tokenizer?: string | undefined;
  readonly fusionMode?: FusionMode | undefined;
  readonly siglipHeads?: number | undefined;
  readonly textHeads?: number | undefined;
  /** Side of the square that images are resized to; ResNet's weights do not tell it */
  readonly imageSize?: number | undefined;
  readonly maxTokens?: number | undefined;
  /** Takes the weights below this prefix, where a checkpoint holds several models */
  readonly prefix?: string | undefined;
  /** Is told what was read in another way than it is written, such as a prefix that was taken off */
  readonly onNote?: ((note: string) => void) | undefined;
}

const TOKENIZER = 'tokenizer.json';

/**
 * Creates a model from a Stage 3 checkpoint, a PyTorch or safetensors file. Infers the definition from keys, shapes and
 * metadata, and checks all weights before it writes any file.
 * @throws WeightsError if the file is not such a checkpoint; ModelError if an option is missing
 */
export async function importModel(root: string, file: string, options: ImportOptions): Promise<Model> {
  assertNameIsFree(root, options.name);
  const { tensors, hints } = await readCheckpoint(file, options);
  const inferred = inferDefinition(file, tensors, { ...withoutUndefined(hints), ...hintsFromOptions(options) });
  const definition = { ...inferred, name: options.name, description: `Imported from ${path.basename(file)}` };
  auditModel(file, tensors, definition);
  assertEmptyTextIsKnown(definition, options.tokenizer);
  return buildModel(root, options.name, (folder) => writeModelFiles(folder, tensors, definition, options.tokenizer));
}

/**
 * In `reference` mode an absent text is the encoding of "", whose tokens only a tokenizer knows. Without one, the model uses
 * the tokens of BERT's published vocabularies, which its own vocabulary must have.
 */
function assertEmptyTextIsKnown({ text, head }: ModelDefinition, tokenizer: string | undefined): void {
  const maxToken = Math.max(...BERT_EMPTY_TEXT);
  const { vocabulary = 0 } = text;
  if (tokenizer !== undefined || head.fusion_mode !== 'reference' || vocabulary > maxToken) return;
  throw new ModelError(`a vocabulary of ${vocabulary} is not BERT's: give --tokenizer`);
}

/** @throws WeightsError, ModelError, naming the file */
function inferDefinition(file: string, tensors: ReadonlyMap<string, Tensor>, hints: CheckpointHints): ModelDefinition {
  try {
    return inferModelDefinition(new StateDict(file, tensors), [...tensors.keys()], hints);
  } catch (error) {
    if (!(error instanceof PanelvecError) || error.message.startsWith(file)) throw error;
    throw new PanelvecError(error.code, `${file}: ${error.message}`, { cause: error });
  }
}

async function writeModelFiles(
  folder: string,
  tensors: ReadonlyMap<string, Tensor>,
  definition: ModelDefinition,
  tokenizer: string | undefined,
): Promise<ModelDefinition> {
  // Sorted by key, so that the same weights give the same file, whatever tool rewrote the checkpoint.
  const sorted = new Map([...tensors].sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeSafetensors(path.join(folder, WEIGHTS_FILE), sorted, encodeHints(definition));
  if (tokenizer === undefined) return definition;
  await copyTokenizer(tokenizer, path.join(folder, TOKENIZER), definition.text.vocabulary ?? 0);
  return { ...definition, text: { ...definition.text, tokenizer: TOKENIZER } };
}

async function readCheckpoint(
  file: string,
  { prefix, onNote }: ImportOptions,
): Promise<{ tensors: ReadonlyMap<string, Tensor>; hints: CheckpointHints }> {
  const weights = await openWeights(file);
  const { keys, notes } = findModelWeights(weights, prefix);
  const loaded = await weights.load([...keys.values()]);
  const tensors = new Map<string, Tensor>();
  for (const [name, key] of keys) {
    const tensor = loaded.get(key);
    if (tensor !== undefined) tensors.set(name, tensor);
  }
  for (const note of notes) onNote?.(note);
  return { tensors, hints: parseHints(weights.file, weights.metadata) };
}

function hintsFromOptions({
  fusionMode,
  siglipHeads,
  textHeads,
  imageSize,
  maxTokens,
}: ImportOptions): CheckpointHints {
  return withoutUndefined({
    fusion_mode: fusionMode,
    siglip_heads: siglipHeads,
    text_heads: textHeads,
    image_size: imageSize,
    max_tokens: maxTokens,
  });
}

/** Removes undefined fields, which would override hints from other sources. */
function withoutUndefined(hints: CheckpointHints): CheckpointHints {
  return Object.fromEntries(Object.entries(hints).filter(([, value]) => value !== undefined));
}
