import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { importModel } from '../../../src/model-tools/pytorch-checkpoint/import-model.ts';
import { CHECKPOINT_FOLDER } from '../../support/reference-cases.ts';
import {
  assertRefused,
  checkpointBytes,
  homePath,
  modelsFolder,
  originalCheckpoint,
  PYTORCH,
  TEXT,
  TOWER,
  writeHomeFile,
} from './refused-imports.ts';

describe('an import refuses broken safetensors files:', () => {
  const headerLength = () => Number(checkpointBytes.readBigUInt64LE());
  const header = () => JSON.parse(checkpointBytes.toString('utf8', 8, 8 + headerLength()));
  const data = () => checkpointBytes.subarray(8 + headerLength());
  /** The same data under another header. */
  function forgeFile(json: unknown, after: Uint8Array = data()): Promise<string> {
    const text = Buffer.isBuffer(json) ? json : Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.byteLength));
    return writeHomeFile('forged.safetensors', Buffer.concat([length, text, after]));
  }
  const changeEntry = (fields: object) => {
    const changedHeader = header();
    changedHeader[`${TEXT}.bias`] = { ...changedHeader[`${TEXT}.bias`], ...fields };
    return changedHeader;
  };
  const offsets = () => header()[`${TEXT}.bias`].data_offsets as [number, number];
  const tensorPattern = /forged\.safetensors: tensor "text\.encoder\.encoder\.layer\.1\.output\.dense\.bias"/;

  const cases: readonly [string, () => Promise<string>, RegExp][] = [
    [
      'an empty file',
      () => writeHomeFile('forged.safetensors', ''),
      /forged\.safetensors is empty: copy or download it again/,
    ],
    [
      'seven bytes',
      () => writeHomeFile('forged.safetensors', checkpointBytes.subarray(0, 7)),
      /too short for a safetensors file: 7 bytes/,
    ],
    [
      'a length alone',
      () => writeHomeFile('forged.safetensors', checkpointBytes.subarray(0, 8)),
      /truncated or no safetensors file/,
    ],
    [
      'a header that is cut',
      () => writeHomeFile('forged.safetensors', checkpointBytes.subarray(0, 500)),
      /truncated or no safetensors file/,
    ],
    ['a header alone', () => forgeFile(header(), Buffer.alloc(0)), /ends at byte \d+ of 0/],
    [
      'the last byte cut',
      () => writeHomeFile('forged.safetensors', checkpointBytes.subarray(0, -1)),
      /ends at byte \d+ of \d+/,
    ],
    [
      'one byte more',
      () => writeHomeFile('forged.safetensors', Buffer.concat([checkpointBytes, Buffer.alloc(1)])),
      /1 bytes after the last tensor/,
    ],
    [
      'a text',
      () => writeHomeFile('forged.safetensors', 'These are no weights at all, but a text.'),
      /truncated or no safetensors file/,
    ],
    [
      'a checkpoint of PyTorch',
      async () => writeHomeFile('forged.safetensors', await readFile(path.join(CHECKPOINT_FOLDER, 'best_model.pt'))),
      /is a zip file, as torch\.save writes it, and no safetensors file: name it \.pt$/,
    ],
    [
      'a header without end',
      () => writeHomeFile('forged.safetensors', Buffer.alloc(64, 0xff)),
      /truncated or no safetensors file/,
    ],
    ['a header that is no JSON', () => forgeFile('{"a":'), /header is not JSON/],
    [
      'a header that is no UTF-8',
      () => forgeFile(Buffer.concat([Buffer.from('{"'), Buffer.of(0xff), Buffer.from('":1}')])),
      /header is not JSON/,
    ],
    ['a header that is a list', () => forgeFile([]), /header is not an object/],
    ['a header that is null', () => forgeFile('null'), /header is not an object/],
    [
      'metadata that are numbers',
      () => forgeFile({ ...header(), __metadata__: { panelvec: 1 } }),
      /metadata panelvec: : Invalid input: expected object, received number/,
    ],
    ['metadata that are a text', () => forgeFile({ ...header(), __metadata__: 'none' }), /__metadata__ is not a map/],
    ['a tensor that is null', () => forgeFile({ ...header(), [`${TEXT}.bias`]: null }), tensorPattern],
    ['an unknown type', () => forgeFile(changeEntry({ dtype: 'F8_E4M3' })), tensorPattern],
    [
      'a type of other size',
      () => forgeFile(changeEntry({ dtype: 'F16' })),
      /takes 64 bytes, but its offsets hold 128/,
    ],
    ['no shape', () => forgeFile(changeEntry({ shape: null })), tensorPattern],
    ['a negative size', () => forgeFile(changeEntry({ shape: [-32] })), tensorPattern],
    ['half a size', () => forgeFile(changeEntry({ shape: [32.5] })), tensorPattern],
    [
      'a shape of more elements',
      () => forgeFile(changeEntry({ shape: [33] })),
      /takes 132 bytes, but its offsets hold 128/,
    ],
    ['a shape beyond all numbers', () => forgeFile(changeEntry({ shape: Array(30).fill(2 ** 50) })), tensorPattern],
    ['offsets in words', () => forgeFile(changeEntry({ data_offsets: ['0', '128'] })), tensorPattern],
    [
      'offsets swapped',
      () => forgeFile(changeEntry({ data_offsets: offsets().toReversed() })),
      /but its offsets hold -128/,
    ],
    [
      'a gap',
      () => forgeFile(changeEntry({ data_offsets: offsets().map((offset) => offset + 4) })),
      /begins at byte \d+, not at \d+/,
    ],
    [
      'an overlap',
      () => forgeFile(changeEntry({ data_offsets: offsets().map((offset) => offset - 4) })),
      /begins at byte \d+, not at \d+/,
    ],
    [
      'offsets behind the end',
      () => forgeFile(changeEntry({ data_offsets: offsets().map((offset) => offset + 1e9) })),
      /begins at byte|ends at byte/,
    ],
    [
      'a key that objects have',
      () => forgeFile(JSON.stringify(header()).replace('"fusion.residual_weight"', '"__proto__"')),
      /missing: fusion\.residual_weight \(\); unexpected: __proto__$/,
    ],
    ['the same bytes twice', () => forgeFile({ ...header(), twice: header()[`${TEXT}.bias`] }), /begins at byte/],
  ];
  for (const [what, make, message] of cases) it(what, async () => assertRefused(await make(), message));

  it('a flipped bit in the header, unless the model is the same', async () => {
    const firstWeights = (await readFile(path.join(modelsFolder, 'first/weights.safetensors'))).toString('latin1');
    for (let offset = 0; offset < 8 + headerLength(); offset += 997) {
      const flipped = Buffer.from(checkpointBytes);
      flipped[offset]! ^= 1 << (offset % 8);
      const file = await writeHomeFile('flipped.safetensors', flipped);
      try {
        const { folder } = await importModel(modelsFolder, file, { name: 'flipped' });
        const weights = await readFile(path.join(folder, 'weights.safetensors'));
        await rm(folder, { recursive: true });
        assert.equal(weights.toString('latin1') === firstWeights, true, `byte ${offset}`);
      } catch (error) {
        assert.match((error as { code?: string }).code ?? '', /^(weights|model)_invalid$/, `byte ${offset}: ${error}`);
      }
      assert.deepEqual(await readdir(modelsFolder), ['first'], `byte ${offset}`);
    }
  });
});

describe('an import refuses files that are not checkpoints:', () => {
  it('with another extension or none', async () => {
    for (const name of ['notes.txt', 'weights', 'weights.safetensors.zip']) {
      await assertRefused(
        await writeHomeFile(name, checkpointBytes),
        /expected a checkpoint named \.pt, \.pth, \.bin, \.ckpt or \.safetensors/,
      );
    }
  });

  for (const extension of ['safetensors', 'pt']) {
    it(`a missing file and a folder named .${extension}`, async () => {
      await assertRefused(homePath(`nowhere.${extension}`), /nowhere\.safetensors|nowhere\.pt/);
      await mkdir(homePath(`folder.${extension}`));
      await assertRefused(homePath(`folder.${extension}`), /folder\.(safetensors|pt)/);
    });
  }

  it('truncated and empty PyTorch checkpoints, and text files', async () => {
    const checkpoint = await readFile(path.join(CHECKPOINT_FOLDER, 'best_model.pt'));
    for (const length of [0, 1, 3, 100, 4096, checkpoint.length >> 1, checkpoint.length - 100, checkpoint.length - 1]) {
      await assertRefused(await writeHomeFile('cut.pt', checkpoint.subarray(0, length)), /cut\.pt/, {
        siglipHeads: 4,
        textHeads: 4,
      });
    }
    await assertRefused(await writeHomeFile('text.pt', 'no weights at all'), /text\.pt is not a PyTorch checkpoint/);
    await assertRefused(await writeHomeFile('other.pt', checkpointBytes), /other\.pt is not a PyTorch checkpoint/);
  });

  it('what stands in the place of a file, whatever its extension', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n';
    for (const name of ['pointer.pt', 'pointer.bin', 'pointer.safetensors']) {
      await assertRefused(
        await writeHomeFile(name, pointer),
        /pointer\.\w+ is a Git LFS pointer, .*run `git lfs pull`/,
      );
    }
    for (const name of ['page.pt', 'page.safetensors']) {
      await assertRefused(
        await writeHomeFile(name, '<!doctype html><title>Sign in</title>'),
        /page\.\w+ is a web page/,
      );
    }
    for (const name of ['packed.pt', 'packed.safetensors']) {
      await assertRefused(await writeHomeFile(name, gzipSync(checkpointBytes)), /packed\.\w+ is compressed with gzip/);
    }
    const tokenizer = await writeHomeFile('tokenizer.json', pointer);
    const file = path.join(CHECKPOINT_FOLDER, 'weights.safetensors');
    await assertRefused(file, /tokenizer\.json is a Git LFS pointer/, { tokenizer }, 'model_invalid');
    await writeHomeFile('tokenizer.json', Buffer.from('{"model": {"vocab": {"caf\xe9": 0}}}', 'latin1'));
    const message = /tokenizer\.json is not a tokenizer: line 1, byte 25: the bytes 0xe922 are not utf-8/;
    await assertRefused(file, message, { tokenizer }, 'model_invalid');
  });

  it('PyTorch checkpoints with a flipped bit in the weights', async () => {
    const checkpoint = await readFile(path.join(CHECKPOINT_FOLDER, 'best_model.pt'));
    const keys = [
      `${TEXT}.weight`,
      `${TOWER}.head.probe`,
      'vision.resnet.resnet.bn1.running_mean',
      'fusion.gate.0.weight',
    ];
    for (const key of keys) {
      const offset = checkpoint.indexOf(originalCheckpoint.tensors.get(key)!.bytes);
      assert.ok(offset > 0, key);
      const flipped = Buffer.from(checkpoint);
      flipped[offset]! ^= 1;
      await assertRefused(await writeHomeFile('flipped.pt', flipped), /flipped\.pt/, { siglipHeads: 4, textHeads: 4 });
    }
  });

  it('PyTorch files that hold other things', async () => {
    for (const name of [
      'module.pt',
      'legacy.pt',
      'torchscript.pt',
      'dtypes.pt',
      'sparse.pt',
      'training.pt',
      'quantized.pt',
    ]) {
      await assertRefused(path.join(PYTORCH, name), /./);
    }
  });
});
