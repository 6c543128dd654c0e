import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { importModel } from '../../../src/model/original/import-model.ts';
import { bytes, CASE, models, original, PYTORCH, place, put, refuses, TEXT, TOWER } from './refused-imports.ts';

describe('safetensors files that are broken', () => {
  const headerLength = () => Number(bytes.readBigUInt64LE());
  const header = () => JSON.parse(bytes.toString('utf8', 8, 8 + headerLength()));
  const data = () => bytes.subarray(8 + headerLength());
  /** The same data under another header. */
  function forged(json: unknown, after: Uint8Array = data()): Promise<string> {
    const text = Buffer.isBuffer(json) ? json : Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.byteLength));
    return put('forged.safetensors', Buffer.concat([length, text, after]));
  }
  const entry = (fields: object) => {
    const whole = header();
    whole[`${TEXT}.bias`] = { ...whole[`${TEXT}.bias`], ...fields };
    return whole;
  };
  const offsets = () => header()[`${TEXT}.bias`].data_offsets as [number, number];
  const own = /forged\.safetensors: tensor "text\.encoder\.encoder\.layer\.1\.output\.dense\.bias"/;

  const cases: readonly [string, () => Promise<string>, RegExp][] = [
    ['an empty file', () => put('forged.safetensors', ''), /too short for a safetensors file: 0 bytes/],
    ['seven bytes', () => put('forged.safetensors', bytes.subarray(0, 7)), /too short for a safetensors file: 7 bytes/],
    ['a length alone', () => put('forged.safetensors', bytes.subarray(0, 8)), /truncated or no safetensors file/],
    [
      'a header that is cut',
      () => put('forged.safetensors', bytes.subarray(0, 500)),
      /truncated or no safetensors file/,
    ],
    ['a header alone', () => forged(header(), Buffer.alloc(0)), /ends at byte \d+ of 0/],
    ['the last byte cut', () => put('forged.safetensors', bytes.subarray(0, -1)), /ends at byte \d+ of \d+/],
    [
      'one byte more',
      () => put('forged.safetensors', Buffer.concat([bytes, Buffer.alloc(1)])),
      /1 bytes after the last tensor/,
    ],
    [
      'a text',
      () => put('forged.safetensors', 'These are no weights at all, but a text.'),
      /truncated or no safetensors file/,
    ],
    [
      'a checkpoint of PyTorch',
      async () => put('forged.safetensors', await readFile(path.join(CASE, 'best_model.pt'))),
      /truncated or no safetensors file/,
    ],
    [
      'a header without end',
      () => put('forged.safetensors', Buffer.alloc(64, 0xff)),
      /truncated or no safetensors file/,
    ],
    ['a header that is no JSON', () => forged('{"a":'), /header is not JSON/],
    [
      'a header that is no UTF-8',
      () => forged(Buffer.concat([Buffer.from('{"'), Buffer.of(0xff), Buffer.from('":1}')])),
      /header is not JSON/,
    ],
    ['a header that is a list', () => forged([]), /header is not an object/],
    ['a header that is null', () => forged('null'), /header is not an object/],
    [
      'metadata that are numbers',
      () => forged({ ...header(), __metadata__: { panelvec: 1 } }),
      /__metadata__ is not a map of strings/,
    ],
    [
      'metadata that are a text',
      () => forged({ ...header(), __metadata__: 'none' }),
      /__metadata__ is not a map of strings/,
    ],
    ['a tensor that is null', () => forged({ ...header(), [`${TEXT}.bias`]: null }), own],
    ['an unknown type', () => forged(entry({ dtype: 'F8_E4M3' })), own],
    ['a type of other size', () => forged(entry({ dtype: 'F16' })), /takes 64 bytes, but its offsets hold 128/],
    ['no shape', () => forged(entry({ shape: null })), own],
    ['a negative size', () => forged(entry({ shape: [-32] })), own],
    ['half a size', () => forged(entry({ shape: [32.5] })), own],
    ['a shape of more elements', () => forged(entry({ shape: [33] })), /takes 132 bytes, but its offsets hold 128/],
    ['a shape beyond all numbers', () => forged(entry({ shape: Array(30).fill(2 ** 50) })), own],
    ['offsets in words', () => forged(entry({ data_offsets: ['0', '128'] })), own],
    ['offsets swapped', () => forged(entry({ data_offsets: offsets().toReversed() })), /but its offsets hold -128/],
    ['a gap', () => forged(entry({ data_offsets: offsets().map((at) => at + 4) })), /begins at byte \d+, not at \d+/],
    [
      'an overlap',
      () => forged(entry({ data_offsets: offsets().map((at) => at - 4) })),
      /begins at byte \d+, not at \d+/,
    ],
    [
      'offsets behind the end',
      () => forged(entry({ data_offsets: offsets().map((at) => at + 1e9) })),
      /begins at byte|ends at byte/,
    ],
    [
      'a key that objects have',
      () => forged(JSON.stringify(header()).replace('"fusion.residual_weight"', '"__proto__"')),
      /missing: fusion\.residual_weight \(\); unexpected: __proto__$/,
    ],
    ['the same bytes twice', () => forged({ ...header(), twice: header()[`${TEXT}.bias`] }), /begins at byte/],
  ];
  for (const [what, make, message] of cases) it(what, async () => refuses(await make(), message));

  it('a bit flipped anywhere in the header is noticed, or makes no other model', async () => {
    const first = (await readFile(path.join(models, 'first/weights.safetensors'))).toString('latin1');
    for (let at = 0; at < 8 + headerLength(); at += 997) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      const file = await put('flipped.safetensors', flipped);
      try {
        const { folder } = await importModel(models, file, { name: 'flipped' });
        const weights = await readFile(path.join(folder, 'weights.safetensors'));
        await rm(folder, { recursive: true });
        assert.equal(weights.toString('latin1') === first, true, `byte ${at}`);
      } catch (error) {
        assert.match((error as { code?: string }).code ?? '', /^(weights|model)_invalid$/, `byte ${at}: ${error}`);
      }
      assert.deepEqual(await readdir(models), ['first'], `byte ${at}`);
    }
  });
});

describe('files that are no checkpoints', () => {
  it('of another ending, or none', async () => {
    for (const name of ['notes.txt', 'weights', 'weights.safetensors.zip']) {
      await refuses(await put(name, bytes), /expected a checkpoint named \.pt, \.pth, \.bin, \.ckpt or \.safetensors/);
    }
  });

  for (const ending of ['safetensors', 'pt']) {
    it(`a missing file and a folder named .${ending}`, async () => {
      await refuses(place(`nowhere.${ending}`), /nowhere\.safetensors|nowhere\.pt/);
      await mkdir(place(`folder.${ending}`));
      await refuses(place(`folder.${ending}`), /folder\.(safetensors|pt)/);
    });
  }

  it('checkpoints of PyTorch that are cut, empty or texts', async () => {
    const whole = await readFile(path.join(CASE, 'best_model.pt'));
    for (const length of [0, 1, 3, 100, 4096, whole.length >> 1, whole.length - 100, whole.length - 1]) {
      await refuses(await put('cut.pt', whole.subarray(0, length)), /cut\.pt/, { siglipHeads: 4, textHeads: 4 });
    }
    await refuses(await put('text.pt', 'no weights at all'), /text\.pt is not a PyTorch checkpoint/);
    await refuses(await put('other.pt', bytes), /other\.pt is not a PyTorch checkpoint/);
  });

  it('a bit flipped in the weights of a checkpoint of PyTorch', async () => {
    const whole = await readFile(path.join(CASE, 'best_model.pt'));
    const keys = [
      `${TEXT}.weight`,
      `${TOWER}.head.probe`,
      'vision.resnet.resnet.bn1.running_mean',
      'fusion.gate.0.weight',
    ];
    for (const key of keys) {
      const at = whole.indexOf(original.tensors.get(key)!.bytes);
      assert.ok(at > 0, key);
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 1;
      await refuses(await put('flipped.pt', flipped), /flipped\.pt/, { siglipHeads: 4, textHeads: 4 });
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
      await refuses(path.join(PYTORCH, name), /./);
    }
  });
});

describe('tokenizers', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz .,!?'];
  const unigram = (size: number, more: object = {}, model: object = {}) => ({
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    ...more,
    model: {
      type: 'Unigram',
      unk_id: 0,
      vocab: Array.from({ length: size }, (_, at) => [at === 0 ? '<unk>' : (letters[at - 1] ?? `token${at}`), -3]),
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
  const added = (id: unknown) => ({ added_tokens: [{ id, content: '[X]', special: true }] });

  it('that fits to the last id is taken', async () => {
    const tokenizer = await put('tokenizer.json', JSON.stringify(unigram(200)));
    const model = await importModel(models, path.join(CASE, 'weights.safetensors'), { name: 'fits', tokenizer });
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
    ['of an added id too large', unigram(40, added(30_522)), /has token ids up to 30522/],
    ['of an unknown word beyond the vocabulary', unigram(40, {}, { unk_id: 500 }), /./],
    ['of negative ids', wordPiece({ '[UNK]': 0, a: -7 }), /./],
    ['of half ids', wordPiece({ '[UNK]': 0, a: 1.5 }), /./],
    ['of ids that are texts', wordPiece({ '[UNK]': 0, a: 'x' }), /./],
    ['of added ids that are null', unigram(40, { added_tokens: null }), /is not a tokenizer/],
  ];
  for (const [what, json, message] of cases) {
    it(what, async () => {
      const tokenizer = await put('tokenizer.json', typeof json === 'string' ? json : JSON.stringify(json));
      await refuses(path.join(CASE, 'weights.safetensors'), message, { tokenizer }, 'model_invalid');
    });
  }

  it('that is not there, or a folder', async () => {
    for (const tokenizer of [place('nowhere.json'), models]) {
      await refuses(
        path.join(CASE, 'weights.safetensors'),
        /cannot read the tokenizer/,
        { tokenizer },
        'model_invalid',
      );
    }
  });
});
