import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readModel, verifyFiles } from '../../../src/model/model.ts';
import { importModel } from '../../../src/model-tools/pytorch-checkpoint/import-model.ts';
import { writeSafetensors } from '../../../src/weights/safetensors-writer.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';
import { assertRefused, home, homePath, modelsFolder, originalCheckpoint, writeHomeFile } from './refused-imports.ts';

const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n';

/** The checkpoint with other names, and anything else beside it. */
async function writeRenamed(file: string, rename: (key: string) => string): Promise<string> {
  const tensors = [...originalCheckpoint.tensors].map(([key, tensor]) => [rename(key), tensor] as const);
  await writeSafetensors(homePath(file), new Map(tensors), originalCheckpoint.metadata);
  return homePath(file);
}
const spaceOfFirst = async () => (await readModel(path.join(modelsFolder, 'first'))).space;

describe('an import', () => {
  it('of a wrapped checkpoint gives the same model, and says what it took off', async () => {
    const notes: string[] = [];
    const file = await writeRenamed('compiled.safetensors', (key) => `module._orig_mod.${key}`);
    const { space } = await importModel(modelsFolder, file, { name: 'compiled', onNote: (note) => notes.push(note) });
    assert.equal(space, await spaceOfFirst());
    assert.deepEqual(notes, ['the weights are those below "module._orig_mod."']);
  });

  it('of shards gives the same model', async () => {
    const keys = [...originalCheckpoint.tensors.keys()];
    const shardOf = (key: string) => `model-0000${(keys.indexOf(key) % 3) + 1}-of-00003.safetensors`;
    await mkdir(homePath('sharded'));
    for (const shard of new Set(keys.map(shardOf))) {
      const tensors = [...originalCheckpoint.tensors].filter(([key]) => shardOf(key) === shard);
      await writeSafetensors(path.join(homePath('sharded'), shard), new Map(tensors), originalCheckpoint.metadata);
    }
    const index = { weight_map: Object.fromEntries(keys.map((key) => [key, shardOf(key)])) };
    await writeFile(path.join(homePath('sharded'), 'model.safetensors.index.json'), JSON.stringify(index));
    const { space } = await importModel(modelsFolder, homePath('sharded'), { name: 'sharded' });
    assert.equal(space, await spaceOfFirst());
    await assertRefused(
      path.join(homePath('sharded'), 'model-00002-of-00003.safetensors'),
      /missing text\.proj\.weight.*import the folder, or its \.index\.json$/,
    );
  });

  it('names the key that is written most like a missing one', async () => {
    const file = await writeRenamed('renamed.safetensors', (key) => key.replace('fusion.gate.2.', 'fusion.gates.2.'));
    await assertRefused(
      file,
      /missing: fusion\.gate\.2\.weight \(3, 64\), fusion\.gate\.2\.bias \(3\); unexpected: fusion\.gates\.2\.weight, fusion\.gates\.2\.bias; closest: fusion\.gates\.2\.weight for fusion\.gate\.2\.weight, fusion\.gates\.2\.bias for fusion\.gate\.2\.bias$/,
    );
  });

  it('on the command line writes its notes to the standard error', async () => {
    const file = await writeRenamed('lightning.safetensors', (key) => `model.${key}`);
    const { code, stderr } = await runPanelvec(['models', 'import', file], { PANELVEC_HOME: home });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /lightning\.safetensors: the weights are those below "model\."\n/);
    const again = await runPanelvec(['models', 'import', file, '--name', 'x', '--prefix', 'ema'], {
      PANELVEC_HOME: home,
    });
    assert.equal(again.code, 1);
    assert.match(again.stderr, /no Stage 3 model below the prefix "ema\.": there is one below "model\."\n$/);
  });
});

describe('a model whose file is a Git LFS pointer', () => {
  it('is not verified, and says so', async () => {
    await importModel(modelsFolder, await writeRenamed('whole.safetensors', (key) => key), { name: 'cloned' });
    const folder = homePath('cloned-copy');
    await cp(path.join(modelsFolder, 'cloned'), folder, { recursive: true });
    const model = await readModel(folder);
    await writeHomeFile('cloned-copy/weights.safetensors', POINTER);
    await assert.rejects(verifyFiles(model), {
      code: 'model_invalid',
      message: /weights\.safetensors is a Git LFS pointer/,
    });
    await writeHomeFile('cloned-copy/model.json', POINTER);
    await assert.rejects(readModel(folder), { code: 'model_invalid', message: /model\.json is a Git LFS pointer/ });
  });
});
