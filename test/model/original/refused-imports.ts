/** A home with one imported model, and checkpoints with something wrong in them. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { type ImportOptions, importModel } from '../../../src/model/original/import-model.ts';
import { readSafetensors, type Safetensors, type Tensor } from '../../../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../../../src/weights/safetensors-writer.ts';
import { REFERENCE } from '../../support/reference.ts';

export const CASE = path.join(REFERENCE, 'both-attention');
export const PYTORCH = path.join(import.meta.dirname, '../../fixtures/pytorch');
/** What hostile.pt would make; see make.py. */
export const MARKER = '/tmp/panelvec-hostile-checkpoint-was-run';

export let home: string;
export let models: string;
export let original: Safetensors;
export let bytes: Buffer;
before(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  models = path.join(home, 'models');
  original = await readSafetensors(path.join(CASE, 'weights.safetensors'));
  bytes = await readFile(path.join(CASE, 'weights.safetensors'));
  await importModel(models, path.join(CASE, 'weights.safetensors'), { name: 'first' });
});
after(() => rm(home, { recursive: true }));

export const place = (name: string) => path.join(home, name);
export const put = async (name: string, content: Uint8Array | string) => {
  await writeFile(place(name), content);
  return place(name);
};

/** Says why, in one line of its own kind that names the file, and leaves nothing. */
export async function refuses(
  file: string,
  message: RegExp,
  options: Partial<ImportOptions> = {},
  code = 'weights_invalid',
) {
  const kept = await readdir(models);
  try {
    await assert.rejects(importModel(models, file, { name: 'new', ...options }), (error: Error & { code?: string }) => {
      assert.match(error.message, message);
      assert.equal(error.code, code, error.message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
    assert.deepEqual(await readdir(models), kept);
  } finally {
    await rm(path.join(models, 'new'), { recursive: true, force: true });
  }
}

export type Change = (tensors: Map<string, Tensor>) => void;

/** A copy of the reference checkpoint with something wrong in it. */
export async function changed(change: Change, metadata = original.metadata): Promise<string> {
  const tensors = new Map(original.tensors);
  change(tensors);
  await writeSafetensors(place('changed.safetensors'), tensors, metadata);
  return place('changed.safetensors');
}

export const zeros = (...shape: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  bytes: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)),
});
export const drop =
  (...keys: string[]): Change =>
  (tensors) => {
    for (const key of keys) assert.ok(tensors.delete(key), key);
  };
export const set =
  (key: string, value: Tensor): Change =>
  (tensors) =>
    void tensors.set(key, value);
/** One element of a weight replaced, at its end. */
export const poison =
  (key: string, value: number): Change =>
  (tensors) => {
    const copy = Uint8Array.from(tensors.get(key)!.bytes);
    new DataView(copy.buffer).setFloat32(copy.byteLength - 4, value, true);
    tensors.set(key, { ...tensors.get(key)!, bytes: copy });
  };

export const TEXT = 'text.encoder.encoder.layer.1.output.dense';
export const WORDS = 'text.encoder.embeddings.word_embeddings.weight';
export const TOWER = 'vision.siglip.siglip.vision_model';
