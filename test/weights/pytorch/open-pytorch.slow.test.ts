import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readSafetensors } from '../../../src/weights/safetensors-reader.ts';
import { REFERENCE_FOLDER } from '../../support/reference-cases.ts';
import { readTensors } from './read-tensors.ts';

const FIXTURES = path.join(import.meta.dirname, '../../fixtures/pytorch');
/** The file that hostile.pt would make; see make.py. */
const MARKER_FILE = '/tmp/panelvec-hostile-checkpoint-was-run';

/** What stands before the keys of expected.json. */
const PREFIXES: Readonly<Record<string, string>> = {
  'training.pt': 'model_state_dict.',
  'data-parallel.pt': 'state_dict.module.',
};

interface ExpectedTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly hex: string;
}

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-pytorch-'));
});
after(() => rm(folder, { recursive: true }));

const fixture = (name: string) => path.join(FIXTURES, name);
const assertRefused = (file: string, message: RegExp) =>
  assert.rejects(readTensors(file), { code: 'weights_invalid', message });

describe('PyTorch checkpoints of the reference', () => {
  const reference = path.join(REFERENCE_FOLDER, 'both-attention');
  for (const name of ['best_model.pt', 'checkpoint_vlm_epoch_3.pt']) {
    it(`reads ${name} as the safetensors file has it`, async () => {
      const tensors = await readTensors(
        path.join(reference, name),
        name === 'best_model.pt' ? '' : 'model_state_dict.',
      );
      const expected = await readSafetensors(path.join(reference, 'weights.safetensors'));
      assert.deepEqual([...tensors.keys()].sort(), [...expected.tensors.keys()].sort());
      for (const [key, tensor] of expected.tensors) assert.deepEqual(tensors.get(key), tensor, key);
    });
  }
});

describe('PyTorch checkpoints', () => {
  const expected: Record<string, Record<string, ExpectedTensor>> = JSON.parse(
    readFileSync(fixture('expected.json'), 'utf8'),
  );
  for (const [name, entries] of Object.entries(expected)) {
    it(`reads ${name} as PyTorch does`, async () => {
      const tensors = await readTensors(fixture(name), PREFIXES[name]);
      const read = [...tensors].map(([key, { dtype, shape, bytes }]) => [
        key,
        { dtype, shape, hex: Buffer.from(bytes).toString('hex') },
      ]);
      assert.deepEqual(read, Object.entries(entries));
    });
  }

  it('shares the bytes of tensors that span one storage, and copies other views', async () => {
    const tensors = await readTensors(fixture('views.pt'));
    const buffer = (key: string) => tensors.get(key)!.bytes.buffer;
    assert.equal(buffer('whole'), buffer('shaped'));
    assert.notEqual(buffer('whole'), buffer('tail'));
  });

  it('gives bytes that typed arrays can be views of', async () => {
    const tensors = await readTensors(fixture('views.pt'));
    for (const [key, { bytes }] of tensors) assert.equal(bytes.byteOffset, 0, key);
  });
});

describe('files that are refused', () => {
  it('refuses a real hostile file and runs nothing of it', async () => {
    await assertRefused(
      fixture('hostile.pt'),
      /hostile\.pt asks for posix\.system, which is not allowed: nothing of it was run/,
    );
    assert.equal(existsSync(MARKER_FILE), false);
  });

  const refusedFiles: readonly [string, RegExp][] = [
    ['module.pt', /holds a whole module .*torch\.nn\.modules\.linear\.Linear.*save model\.state_dict\(\) instead/],
    ['sparse.pt', /"s" is a sparse tensor, expected a dense tensor/],
    ['quantized.pt', /"q" is a quantized tensor, expected a dense tensor/],
    ['int16.pt', /"w" is int16, which is not supported/],
    ['legacy.pt', /from before PyTorch 1\.6: load it in PyTorch and save it again/],
    ['torchscript.pt', /is a TorchScript archive/],
    ['make.py', /make\.py is not a PyTorch checkpoint/],
    ['', /is not a file/],
    ['nowhere.pt', /cannot read .*nowhere\.pt/],
  ];
  for (const [name, message] of refusedFiles) {
    it(`refuses ${name || 'a folder'}`, () => assertRefused(fixture(name), message));
  }

  it('refuses a safetensors file and an empty one', async () => {
    await assertRefused(
      path.join(REFERENCE_FOLDER, 'both-attention/weights.safetensors'),
      /is not a PyTorch checkpoint/,
    );
    const empty = path.join(folder, 'empty.pt');
    await writeFile(empty, '');
    await assertRefused(empty, /empty\.pt is empty/);
  });

  it('refuses a file cut at any place', async () => {
    const file = path.join(folder, 'cut.pt');
    const original = await readFile(fixture('views.pt'));
    for (let length = 0; length < original.length; length += 3) {
      await writeFile(file, original.subarray(0, length));
      await assertRefused(file, /cut\.pt/);
    }
  });

  it('reads the same from a file with any one byte changed, or refuses it', async () => {
    const file = path.join(folder, 'changed.pt');
    const original = await readFile(fixture('parameters.pt'));
    const tensors = await readTensors(fixture('parameters.pt'));
    for (let offset = 0; offset < original.length; offset++) {
      const changed = Buffer.from(original);
      changed[offset]! ^= 0xff;
      await writeFile(file, changed);
      const read = await readTensors(file).catch((error: Error) => error);
      if (read instanceof Error) assert.equal(read.name, 'WeightsError', `byte ${offset}: ${read}`);
      else assert.deepEqual(read, tensors, `byte ${offset}`);
    }
  });
});
