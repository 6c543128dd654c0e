import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { firstLine } from '../errors.ts';
import { describeForeignContent, FOREIGN_CONTENT_BYTES } from '../files/foreign-content.ts';
import type { Tensor } from './tensor.ts';
import { escapeControlCharacters, WeightsError } from './weights-error.ts';
import type { TensorName, WeightsFile } from './weights-file.ts';

/** The names that `save_pretrained` gives: model.safetensors.index.json, pytorch_model.bin.index.json. */
export const SHARD_INDEX_NAME = /\.(safetensors|bin)\.index\.json$/i;

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Joins the shards of an index, which names the file of each tensor. Shards lie beside the index.
 * @throws WeightsError where a shard is missing or lies elsewhere, and where index and shards do not agree about a tensor
 */
export async function openShards(
  indexFile: string,
  openShard: (file: string) => Promise<WeightsFile>,
): Promise<WeightsFile> {
  const shardOfKey = await readIndex(indexFile);
  const shards = new Map<string, WeightsFile>();
  for (const name of new Set(shardOfKey.values())) {
    const file = path.join(path.dirname(indexFile), assertPlainName(name, indexFile));
    const shard = await openShard(file).catch((cause: unknown) => {
      const count = [...shardOfKey.values()].filter((other) => other === name).length;
      throw new WeightsError(`${indexFile}: the shard with ${count} of the tensors: ${firstLine(cause)}`, { cause });
    });
    shards.set(name, shard);
  }
  return {
    file: indexFile,
    tensors: joinNames(indexFile, shardOfKey, shards),
    others: [...shards.values()].flatMap(({ others }) => others),
    // Hints about the model may be in any of them; a shard's own metadata is but its format.
    metadata: Object.assign({}, ...[...shards.values()].toReversed().map(({ metadata }) => metadata)),
    load: (keys) => loadFromShards(shardOfKey, shards, keys),
  };
}

async function readIndex(file: string): Promise<ReadonlyMap<string, string>> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new WeightsError(`cannot read ${file}: ${firstLine(cause)}`, { cause });
  });
  const foreign = describeForeignContent(bytes.subarray(0, FOREIGN_CONTENT_BYTES));
  if (foreign !== undefined) throw new WeightsError(`${file} ${foreign}`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new WeightsError(`${file} is not JSON: ${firstLine(cause)}`, { cause });
  }
  const parsed = indexSchema.safeParse(json);
  if (!parsed.success) throw new WeightsError(`${file} has no weight_map from keys to names of files`);
  return new Map(Object.entries(parsed.data.weight_map));
}

/** An index comes from elsewhere: a path in it could lead to any file of this machine. */
function assertPlainName(name: string, indexFile: string): string {
  if (name !== '' && name !== '.' && name !== '..' && !/[/\\\0:]/.test(name)) return name;
  throw new WeightsError(
    `${indexFile}: the shard "${escapeControlCharacters(name)}" is not the name of a file beside the index`,
  );
}

function joinNames(
  indexFile: string,
  shardOfKey: ReadonlyMap<string, string>,
  shards: ReadonlyMap<string, WeightsFile>,
): readonly TensorName[] {
  const joined = new Map<string, TensorName>();
  for (const [shard, { tensors }] of shards) {
    for (const tensor of tensors) {
      const key = escapeControlCharacters(tensor.key);
      const expected = shardOfKey.get(tensor.key);
      if (joined.has(tensor.key)) throw new WeightsError(`${indexFile}: "${key}" is in two shards`);
      if (expected !== shard) {
        const claim = expected === undefined ? 'does not name it' : `says ${escapeControlCharacters(expected)}`;
        throw new WeightsError(
          `${indexFile}: "${key}" is in ${escapeControlCharacters(shard)}, but the index ${claim}`,
        );
      }
      joined.set(tensor.key, tensor);
    }
  }
  for (const [key, shard] of shardOfKey) {
    if (joined.has(key)) continue;
    throw new WeightsError(
      `${indexFile}: "${escapeControlCharacters(key)}" is not in ${escapeControlCharacters(shard)}, where the index says it is`,
    );
  }
  return [...joined.values()];
}

async function loadFromShards(
  shardOfKey: ReadonlyMap<string, string>,
  shards: ReadonlyMap<string, WeightsFile>,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const [name, shard] of shards) {
    const ofShard = keys.filter((key) => shardOfKey.get(key) === name);
    for (const [key, tensor] of await shard.load(ofShard)) tensors.set(key, tensor);
  }
  return tensors;
}
