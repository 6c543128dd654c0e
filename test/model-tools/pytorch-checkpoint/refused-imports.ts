/** A home folder with one imported model, and helpers that write broken checkpoints. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { type ImportOptions, importModel } from '../../../src/model-tools/pytorch-checkpoint/import-model.ts';
import { readSafetensors, type Safetensors } from '../../../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../../../src/weights/safetensors-writer.ts';
import type { Tensor } from '../../../src/weights/tensor.ts';
import { CHECKPOINT_FOLDER } from '../../support/reference-cases.ts';

export const PYTORCH = path.join(import.meta.dirname, '../../fixtures/pytorch');
/** File that hostile.pt would create; see make.py. */
export const MARKER = '/tmp/panelvec-hostile-checkpoint-was-run';

export let home: string;
export let modelsFolder: string;
export let originalCheckpoint: Safetensors;
export let checkpointBytes: Buffer;
before(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  modelsFolder = path.join(home, 'models');
  originalCheckpoint = await readSafetensors(path.join(CHECKPOINT_FOLDER, 'weights.safetensors'));
  checkpointBytes = await readFile(path.join(CHECKPOINT_FOLDER, 'weights.safetensors'));
  await importModel(modelsFolder, path.join(CHECKPOINT_FOLDER, 'weights.safetensors'), { name: 'first' });
});
after(() => rm(home, { recursive: true }));

export const homePath = (name: string) => path.join(home, name);
export const writeHomeFile = async (name: string, content: Uint8Array | string) => {
  await writeFile(homePath(name), content);
  return homePath(name);
};

/** Asserts that an import fails with one line, and adds no model. */
export async function assertRefused(
  file: string,
  message: RegExp,
  options: Partial<ImportOptions> = {},
  code = 'weights_invalid',
) {
  const modelsBefore = await readdir(modelsFolder);
  try {
    await assert.rejects(
      importModel(modelsFolder, file, { name: 'new', ...options }),
      (error: Error & { code?: string }) => {
        assert.match(error.message, message);
        assert.equal(error.code, code, error.message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      },
    );
    assert.deepEqual(await readdir(modelsFolder), modelsBefore);
  } finally {
    await rm(path.join(modelsFolder, 'new'), { recursive: true, force: true });
  }
}

export type Change = (tensors: Map<string, Tensor>) => void;

/** Writes a changed copy of the checkpoint. */
export async function writeChanged(change: Change, metadata = originalCheckpoint.metadata): Promise<string> {
  const tensors = new Map(originalCheckpoint.tensors);
  change(tensors);
  await writeSafetensors(homePath('changed.safetensors'), tensors, metadata);
  return homePath('changed.safetensors');
}

export const zeros = (...shape: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  bytes: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)),
});
export const dropKeys =
  (...keys: string[]): Change =>
  (tensors) => {
    for (const key of keys) assert.ok(tensors.delete(key), key);
  };
export const setTensor =
  (key: string, value: Tensor): Change =>
  (tensors) =>
    void tensors.set(key, value);
/** Replaces the last element of a weight. */
export const setLastElement =
  (key: string, value: number): Change =>
  (tensors) => {
    const copy = Uint8Array.from(tensors.get(key)!.bytes);
    new DataView(copy.buffer).setFloat32(copy.byteLength - 4, value, true);
    tensors.set(key, { ...tensors.get(key)!, bytes: copy });
  };

export const TEXT = 'text.encoder.encoder.layer.1.output.dense';
export const WORDS = 'text.encoder.embeddings.word_embeddings.weight';
export const TOWER = 'vision.siglip.siglip.vision_model';
