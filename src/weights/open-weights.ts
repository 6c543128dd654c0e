import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { firstLine } from '../errors.ts';
import { openPyTorch } from './pytorch/open-pytorch.ts';
import { openSafetensors } from './safetensors-reader.ts';
import { openShards, SHARD_INDEX_NAME } from './sharded-weights.ts';
import { escapeControlCharacters, WeightsError } from './weights-error.ts';
import type { WeightsFile } from './weights-file.ts';

const PYTORCH_NAME = /\.(pt|pth|bin|ckpt)$/i;
const SAFETENSORS_NAME = /\.safetensors$/i;
/** In the order in which `from_pretrained` looks for them. */
const PRETRAINED_NAMES = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
];
const MAX_LISTED_FILES = 5;

/**
 * Opens a file of weights by its extension: PyTorch or safetensors, the index of shards, or a folder with one of these.
 * @throws WeightsError where there is none, or the folder has several
 */
export async function openWeights(file: string): Promise<WeightsFile> {
  const stats = await stat(file).catch((cause: unknown) => {
    throw new WeightsError(`cannot read ${file}: ${firstLine(cause)}`, { cause });
  });
  const target = stats.isDirectory() ? await findInFolder(file) : file;
  if (SHARD_INDEX_NAME.test(target)) return openShards(target, openSingleFile);
  return openSingleFile(target);
}

async function openSingleFile(file: string): Promise<WeightsFile> {
  if (PYTORCH_NAME.test(file)) return openPyTorch(file);
  if (SAFETENSORS_NAME.test(file)) return openSafetensors(file);
  throw new WeightsError(
    `${file}: expected a checkpoint named .pt, .pth, .bin, .ckpt or .safetensors, or an index of shards (.index.json)`,
  );
}

/** Takes the name that `save_pretrained` gives, as a folder of a Trainer has its optimizer beside it; else the only candidate. */
async function findInFolder(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort();
  const indexes = names.filter((name) => SHARD_INDEX_NAME.test(name));
  const weights = names.filter((name) => PYTORCH_NAME.test(name) || SAFETENSORS_NAME.test(name));
  // The files beside an index are its shards.
  const candidates = indexes.length > 0 ? indexes : weights;
  const [onlyCandidate] = candidates.length === 1 ? candidates : [];
  const chosen = PRETRAINED_NAMES.find((name) => names.includes(name)) ?? onlyCandidate;
  if (chosen !== undefined) return path.join(folder, chosen);
  const listed = candidates.slice(0, MAX_LISTED_FILES).map(escapeControlCharacters).join(', ');
  const rest = candidates.length > MAX_LISTED_FILES ? ', …' : '';
  throw new WeightsError(
    candidates.length === 0
      ? `${folder} is a folder without weights: expected an index of shards (.index.json), or a checkpoint`
      : `${folder} is a folder with ${candidates.length} checkpoints (${listed}${rest}): name one of them`,
  );
}
