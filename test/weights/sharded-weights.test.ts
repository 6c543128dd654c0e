import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openWeights } from '../../src/weights/open-weights.ts';
import { writeSafetensors } from '../../src/weights/safetensors-writer.ts';
import { float32Tensor, float32View } from '../../src/weights/tensor.ts';
import { dict, pickle, tensor, text } from './pytorch/pickle-builder.ts';
import { writeTorch } from './pytorch/zip-builder.ts';

const SHARDS = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
const MAP: Readonly<Record<string, string>> = { a: SHARDS[0], b: SHARDS[0], c: SHARDS[1] };

let folder: string;
let indexFile: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-shards-'));
  indexFile = path.join(folder, 'model.safetensors.index.json');
  await writeShard(SHARDS[0], { a: 1, b: 2 });
  await writeShard(SHARDS[1], { c: 3 });
  await writeIndex(MAP);
});
afterEach(() => rm(folder, { recursive: true }));

const writeShard = (name: string, numbers: Record<string, number>) =>
  writeSafetensors(
    path.join(folder, name),
    new Map(Object.entries(numbers).map(([key, number]) => [key, float32Tensor([1], Float32Array.of(number))])),
    { format: 'pt' },
  );
const writeIndex = (map: unknown) =>
  writeFile(indexFile, JSON.stringify({ metadata: { total_size: 12 }, weight_map: map }));

async function readNumbers(file: string, keys?: readonly string[]) {
  const weights = await openWeights(file);
  const tensors = await weights.load(keys ?? weights.tensors.map(({ key }) => key));
  return Object.fromEntries([...tensors].map(([key, value]) => [key, float32View(value)[0]]));
}

describe('shards', () => {
  it('are joined, by the index or by the folder', async () => {
    for (const file of [indexFile, folder]) assert.deepEqual(await readNumbers(file), { a: 1, b: 2, c: 3 });
    assert.deepEqual(await readNumbers(indexFile, ['c']), { c: 3 });
    assert.deepEqual((await openWeights(indexFile)).metadata, { format: 'pt' });
  });

  it('may be of PyTorch', async () => {
    await rm(indexFile);
    const storage = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    await writeTorch(path.join(folder, 'pytorch_model-00001-of-00001.bin'), pickle(dict([text('w'), tensor()])), {
      0: storage,
    });
    await writeFile(
      path.join(folder, 'pytorch_model.bin.index.json'),
      JSON.stringify({ weight_map: { w: 'pytorch_model-00001-of-00001.bin' } }),
    );
    assert.deepEqual(await readNumbers(folder), { w: 1 });
  });

  const refused: readonly [string, () => Promise<unknown>, RegExp][] = [
    [
      'one is missing',
      () => rm(path.join(folder, SHARDS[0])),
      /index\.json: the shard with 2 of the tensors: cannot read .*model-00001-of-00002\.safetensors/,
    ],
    [
      'one is a Git LFS pointer',
      () =>
        writeFile(path.join(folder, SHARDS[1]), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n'),
      /the shard with 1 of the tensors: .*model-00002-of-00002\.safetensors is a Git LFS pointer, .*git lfs pull/,
    ],
    ['a key is in two', () => writeShard(SHARDS[1], { b: 9, c: 3 }), /index\.json: "b" is in two shards$/],
    [
      'a key is in another than the index says',
      () => writeIndex({ ...MAP, b: SHARDS[1] }),
      /"b" is in model-00001-of-00002\.safetensors, but the index says model-00002-of-00002\.safetensors$/,
    ],
    [
      'a key is in none',
      () => writeIndex({ ...MAP, d: SHARDS[1] }),
      /"d" is not in model-00002-of-00002\.safetensors, where the index says it is$/,
    ],
    [
      'the index lacks a key',
      () => writeIndex({ a: SHARDS[0], c: SHARDS[1] }),
      /"b" is in .*, but the index does not name it$/,
    ],
    ['the index has no map', () => writeIndex(undefined), /index\.json has no weight_map/],
    ['the index names numbers', () => writeIndex({ a: 1 }), /index\.json has no weight_map/],
    ['the index is not JSON', () => writeFile(indexFile, '{'), /index\.json is not JSON/],
    ['the index is empty', () => writeFile(indexFile, ''), /index\.json is empty/],
    [
      'a shard has another extension',
      () => writeIndex({ a: 'model.json' }),
      /the shard with 1 .*expected a checkpoint named/,
    ],
  ];
  for (const [what, change, message] of refused) {
    it(`are refused where ${what}`, async () => {
      await change();
      await assert.rejects(openWeights(indexFile), { code: 'weights_invalid', message });
    });
  }

  it('are refused where the index leads out of its folder', async () => {
    for (const name of [
      '../x.safetensors',
      '/etc/passwd',
      'a/b.safetensors',
      '..',
      '',
      'C:\\x.safetensors',
      'a\\b.safetensors',
    ]) {
      await writeIndex({ ...MAP, d: name });
      await assert.rejects(openWeights(indexFile), {
        code: 'weights_invalid',
        message: /is not the name of a file beside the index$/,
      });
    }
  });
});

describe('a folder', () => {
  it('with one checkpoint is that checkpoint', async () => {
    await rm(indexFile);
    await rm(path.join(folder, SHARDS[0]));
    assert.deepEqual(await readNumbers(folder), { c: 3 });
  });

  it('of a Trainer is its model, not its optimizer', async () => {
    await rm(indexFile);
    await writeShard('model.safetensors', { a: 7 });
    await writeFile(path.join(folder, 'optimizer.pt'), '');
    assert.deepEqual(await readNumbers(folder), { a: 7 });
  });

  it('with several or none is refused', async () => {
    await rm(indexFile);
    await assert.rejects(openWeights(folder), {
      code: 'weights_invalid',
      message:
        /is a folder with 2 checkpoints \(model-00001-of-00002\.safetensors, model-00002-of-00002\.safetensors\): name one of them$/,
    });
    for (const name of SHARDS) await rm(path.join(folder, name));
    await assert.rejects(openWeights(folder), { code: 'weights_invalid', message: /is a folder without weights/ });
  });
});
