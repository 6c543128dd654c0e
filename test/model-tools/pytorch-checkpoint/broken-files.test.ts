import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
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

describe('safetensors files that are broken', () => {
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
    ['an empty file', () => writeHomeFile('forged.safetensors', ''), /too short for a safetensors file: 0 bytes/],
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
      /truncated or no safetensors file/,
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
      /__metadata__ is not a map of strings/,
    ],
    [
      'metadata that are a text',
      () => forgeFile({ ...header(), __metadata__: 'none' }),
      /__metadata__ is not a map of strings/,
    ],
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

  it('a bit flipped anywhere in the header is noticed, or makes no other model', async () => {
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

describe('files that are no checkpoints', () => {
  it('of another ending, or none', async () => {
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

  it('checkpoints of PyTorch that are cut, empty or texts', async () => {
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

  it('a bit flipped in the weights of a checkpoint of PyTorch', async () => {
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

  it('other models of PyTorch', async () => {
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

describe('tokenizers', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz .,!?'];
  const unigram = (size: number, fields: object = {}, model: object = {}) => ({
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    ...fields,
    model: {
      type: 'Unigram',
      unk_id: 0,
      vocab: Array.from({ length: size }, (_, i) => [i === 0 ? '<unk>' : (letters[i - 1] ?? `token${i}`), -3]),
      ...model,
    },
  });
  const wordPiece = (vocab: unknown) => ({
    ...unigram(1),
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  });
  const addedTokens = (id: unknown) => ({ added_tokens: [{ id, content: '[X]', special: true }] });

  it('that fits to the last id is taken', async () => {
    const tokenizer = await writeHomeFile('tokenizer.json', JSON.stringify(unigram(200)));
    const model = await importModel(modelsFolder, path.join(CHECKPOINT_FOLDER, 'weights.safetensors'), {
      name: 'fits',
      tokenizer,
    });
    assert.equal(model.spec.text.tokenizer, 'tokenizer.json');
    await rm(model.folder, { recursive: true });
  });

  const cases: readonly [string, unknown, RegExp][] = [
    ['that is no JSON', 'these are words', /tokenizer\.json is not a tokenizer/],
    ['that is empty', '', /tokenizer\.json is not a tokenizer/],
    ['that is null', 'null', /is not a tokenizer/],
    ['that is a list', [], /is not a tokenizer/],
    ['that is other JSON', { model: 'gpt' }, /is not a tokenizer/],
    ['of an unknown kind', unigram(40, {}, { type: 'Magic', vocab: undefined }), /is not a tokenizer/],
    ['of one token too many', unigram(201), /has token ids up to 200, the text encoder knows 200 tokens/],
    ['of one id too large', wordPiece({ '[UNK]': 0, a: 1, b: 200 }), /has token ids up to 200/],
    ['of an added id too large', unigram(40, addedTokens(30_522)), /has token ids up to 30522/],
    ['of an unknown word beyond the vocabulary', unigram(40, {}, { unk_id: 500 }), /./],
    ['of negative ids', wordPiece({ '[UNK]': 0, a: -7 }), /./],
    ['of half ids', wordPiece({ '[UNK]': 0, a: 1.5 }), /./],
    ['of ids that are texts', wordPiece({ '[UNK]': 0, a: 'x' }), /./],
    ['of added ids that are null', unigram(40, { added_tokens: null }), /is not a tokenizer/],
  ];
  for (const [what, json, message] of cases) {
    it(what, async () => {
      const tokenizer = await writeHomeFile('tokenizer.json', typeof json === 'string' ? json : JSON.stringify(json));
      await assertRefused(path.join(CHECKPOINT_FOLDER, 'weights.safetensors'), message, { tokenizer }, 'model_invalid');
    });
  }

  it('that is not there, or a folder', async () => {
    for (const tokenizer of [homePath('nowhere.json'), modelsFolder]) {
      await assertRefused(
        path.join(CHECKPOINT_FOLDER, 'weights.safetensors'),
        /cannot read the tokenizer/,
        { tokenizer },
        'model_invalid',
      );
    }
  });
});
