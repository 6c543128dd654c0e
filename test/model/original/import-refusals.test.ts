import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { narrow } from '../../../src/graph/float16.ts';
import { type ImportOptions, importModel } from '../../../src/model/original/import-model.ts';
import { readSafetensors, type Safetensors, type Tensor } from '../../../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../../../src/weights/safetensors-writer.ts';
import { panelvec } from '../../support/panelvec.ts';
import { REFERENCE } from '../../support/reference.ts';

const CASE = path.join(REFERENCE, 'both-attention');
const PYTORCH = path.join(import.meta.dirname, '../../fixtures/pytorch');
/** What hostile.pt would make; see make.py. */
const MARKER = '/tmp/panelvec-hostile-checkpoint-was-run';

let home: string;
let models: string;
let original: Safetensors;
let bytes: Buffer;
before(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
  models = path.join(home, 'models');
  original = await readSafetensors(path.join(CASE, 'weights.safetensors'));
  bytes = await readFile(path.join(CASE, 'weights.safetensors'));
  await importModel(models, path.join(CASE, 'weights.safetensors'), { name: 'first' });
});
after(() => rm(home, { recursive: true }));

const place = (name: string) => path.join(home, name);
const put = async (name: string, content: Uint8Array | string) => {
  await writeFile(place(name), content);
  return place(name);
};

/** Says why, in one line of its own kind that names the file, and leaves nothing. */
async function refuses(file: string, message: RegExp, options: Partial<ImportOptions> = {}, code = 'weights_invalid') {
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

type Change = (tensors: Map<string, Tensor>) => void;

/** A copy of the reference checkpoint with something wrong in it. */
async function changed(change: Change, metadata = original.metadata): Promise<string> {
  const tensors = new Map(original.tensors);
  change(tensors);
  await writeSafetensors(place('changed.safetensors'), tensors, metadata);
  return place('changed.safetensors');
}

const zeros = (...shape: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  bytes: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)),
});
const drop =
  (...keys: string[]): Change =>
  (tensors) => {
    for (const key of keys) assert.ok(tensors.delete(key), key);
  };
const set =
  (key: string, value: Tensor): Change =>
  (tensors) =>
    void tensors.set(key, value);
/** One element of a weight replaced, at its end. */
const poison =
  (key: string, value: number): Change =>
  (tensors) => {
    const copy = Uint8Array.from(tensors.get(key)!.bytes);
    new DataView(copy.buffer).setFloat32(copy.byteLength - 4, value, true);
    tensors.set(key, { ...tensors.get(key)!, bytes: copy });
  };

const TEXT = 'text.encoder.encoder.layer.1.output.dense';
const WORDS = 'text.encoder.embeddings.word_embeddings.weight';
const TOWER = 'vision.siglip.siglip.vision_model';

describe('keys of a checkpoint', () => {
  const cases: readonly [string, Change, RegExp][] = [
    [
      'one is missing',
      drop(`${TEXT}.bias`),
      /changed\.safetensors: missing: text\.encoder\.encoder\.layer\.1\.output\.dense\.bias \(32\)$/,
    ],
    [
      'several are missing',
      drop('fusion.gate.2.weight', 'comp.mlp.0.bias', 'vision.resnet.resnet.bn1.running_var'),
      /missing: vision\.resnet\.resnet\.bn1\.running_var \(8\), comp\.mlp\.0\.bias \(256\), fusion\.gate\.2\.weight \(3, 64\)$/,
    ],
    [
      'the last layer is missing',
      (tensors) => {
        for (const key of [...tensors.keys()]) if (key.includes('encoder.layer.1.')) tensors.delete(key);
        tensors.set('text.encoder.encoder.layer.2.output.dense.bias', zeros(32));
      },
      /: unexpected: text\.encoder\.encoder\.layer\.2\.output\.dense\.bias$/,
    ],
    [
      'one is not known',
      set('text.encoder.extra.weight', zeros(2)),
      /changed\.safetensors: unexpected: text\.encoder\.extra\.weight$/,
    ],
    ['one is empty', set('', zeros(2)), /: unexpected: $/],
    [
      'fifty are not known',
      (tensors) => {
        for (let at = 0; at < 50; at++) tensors.set(`more.${at}`, zeros(1));
      },
      /: unexpected: more\.0, .*more\.39 and 10 more$/,
    ],
    [
      'one is misshapen',
      set(`${TEXT}.bias`, zeros(33)),
      /: misshapen: text\.encoder\.encoder\.layer\.1\.output\.dense\.bias \(33\) instead of \(32\)$/,
    ],
    [
      'one is transposed',
      set(`${TEXT}.weight`, zeros(64, 32)),
      /: misshapen: text\.encoder\.encoder\.layer\.1\.output\.dense\.weight \(64, 32\) instead of \(32, 64\)$/,
    ],
    [
      'a number is a vector',
      set('fusion.residual_weight', zeros(1)),
      /: misshapen: fusion\.residual_weight \(1\) instead of \(\)$/,
    ],
    [
      'one is int64',
      set(`${TEXT}.bias`, { dtype: 'int64', shape: [32], bytes: new Uint8Array(256) }),
      /: misshapen: text\S+ of int64 instead of float32$/,
    ],
    [
      'one is float64',
      set(`${TEXT}.bias`, { dtype: 'float64', shape: [32], bytes: new Uint8Array(256) }),
      /: misshapen: text\S+ of float64 instead of float32$/,
    ],
    [
      'all of it at once',
      (tensors) => {
        drop(`${TEXT}.bias`)(tensors);
        set('more', zeros(1))(tensors);
        set('comp.mlp.0.bias', zeros(1, 1))(tensors);
      },
      /: missing: text\S+\.bias \(32\); unexpected: more; misshapen: comp\.mlp\.0\.bias \(1, 1\) instead of \(256\)$/,
    ],
    [
      'no backbone',
      (tensors) => {
        for (const key of [...tensors.keys()]) if (key.startsWith('vision.')) tensors.delete(key);
      },
      /no keys of a visual backbone/,
    ],
    [
      'half a backbone',
      (tensors) => {
        for (const key of [...tensors.keys()]) if (key.startsWith('vision.resnet.resnet')) tensors.delete(key);
      },
      /vision\.resnet\.resnet\.layer1\.0\.conv1\.weight" is missing/,
    ],
    ['nothing', (tensors) => tensors.clear(), /no keys of a visual backbone/],
    ['the fusion of backbones', drop('vision.attention.0.weight'), /missing: vision\.attention\.0\.weight/],
    ['the width', drop('text.proj.weight'), /text\.proj\.weight" is missing/],
    ['the words', drop(WORDS), /word_embeddings\.weight" is missing/],
    ['no words', set(WORDS, zeros(0, 32)), /word_embeddings\.weight" has the shape \(0, 32\)/],
    ['words of one axis', set(WORDS, zeros(200)), /word_embeddings\.weight" has the shape \(200\)/],
    [
      'patches that make no square',
      set(`${TOWER}.embeddings.position_embedding.weight`, zeros(15, 48)),
      /places for 15 patches: not a square/,
    ],
    [
      'a width that is none',
      set('text.proj.weight', zeros()),
      /text\.proj\.weight \(\)|"text\.proj\.weight" has the shape \(\)/,
    ],
  ];
  for (const [what, change, message] of cases) it(what, async () => refuses(await changed(change), message));
});

describe('numbers of a checkpoint', () => {
  const keys = [
    `${TEXT}.weight`,
    `${TOWER}.head.probe`,
    'vision.resnet.resnet.bn1.running_var',
    'fusion.residual_weight',
  ];
  for (const [at, value] of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].entries()) {
    it(`${value} is named with its key`, async () => {
      for (const key of [keys[at]!, keys[3]!]) {
        await refuses(
          await changed(poison(key, value)),
          new RegExp(`changed\\.safetensors: "${key}" holds a NaN or an infinity$`),
        );
      }
    });
  }

  it('in half precision too', async () => {
    const halves =
      (value: number): Change =>
      (tensors) => {
        const { shape } = tensors.get(`${TEXT}.bias`)!;
        const values = new Float32Array(32).fill(0.5).with(31, value);
        tensors.set(`${TEXT}.bias`, { dtype: 'float16', shape, bytes: narrow(values) });
      };
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      await refuses(await changed(halves(value)), /output\.dense\.bias" holds a NaN or an infinity/);
    }
  });
});

describe('what the weights cannot tell', () => {
  const nothing: Change = () => {};
  const said = (hints: unknown) => ({ panelvec: typeof hints === 'string' ? hints : JSON.stringify(hints) });
  const heads = { siglip_heads: 4, text_heads: 4 };

  it('must be said, by the flag of that name', async () => {
    const file = await changed(nothing, {});
    await refuses(file, /SigLIP is 48 wide, .*give --siglip-heads$/, {}, 'model_invalid');
    await refuses(file, /text encoder is 32 wide, .*give --text-heads$/, { siglipHeads: 4 }, 'model_invalid');
    await refuses(path.join(CASE, 'best_model.pt'), /give --siglip-heads$/, {}, 'model_invalid');
  });

  it('must divide the width', async () => {
    const file = await changed(nothing);
    await refuses(file, /5 vision heads do not divide the width 48/, { siglipHeads: 5 });
    await refuses(file, /96 vision heads do not divide the width 48/, { siglipHeads: 96 });
    await refuses(file, /3 text heads do not divide the width 32/, { textHeads: 3 });
  });

  const cases: readonly [string, Record<string, string>, RegExp, string?][] = [
    ['that is no JSON', said('{'), /metadata panelvec/],
    ['that is null', said('null'), /metadata panelvec/],
    ['of other types', said({ ...heads, max_tokens: '8' }), /metadata panelvec/],
    ['of no heads', said({ ...heads, siglip_heads: 0 }), /metadata panelvec/],
    ['of half a head', said({ ...heads, text_heads: 0.5 }), /metadata panelvec/],
    ['of an unknown fusion', said({ ...heads, fusion_mode: 'magic' }), /metadata panelvec/],
    [
      'of an infinite normalisation',
      said(`{"normalisation":{"siglip":{"mean":[1e999,0,0],"std":[1,1,1]}}}`),
      /metadata panelvec is not/,
    ],
    [
      'of a deviation of zero',
      said({ ...heads, normalisation: { siglip: { mean: [0, 0, 0], std: [0, 1, 1] } } }),
      /std.*must not be zero/,
      'model_invalid',
    ],
    ['of the authors, that is none', { config: '[' }, /metadata config/],
    [
      'of the authors, of other types',
      { config: '{"sizes":{"siglip":{"heads":"4"}}}' },
      /metadata config/,
    ],
  ];
  for (const [what, metadata, message, code] of cases) {
    it(`metadata ${what}`, async () => refuses(await changed(nothing, metadata), message, {}, code));
  }
});

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

describe('names', () => {
  for (const name of ['', 'A', 'a/b', '../a', '.a', '-a', 'a b', 'ä', 'a\n', 'a\0', '..']) {
    it(`${JSON.stringify(name)} is none`, () =>
      refuses(path.join(CASE, 'weights.safetensors'), /cannot be a model's name/, { name }, 'model_invalid'));
  }

  it('that are taken stay with what they name', async () => {
    const files = await readdir(path.join(models, 'first'));
    const contents = () => Promise.all(files.map((file) => readFile(path.join(models, 'first', file), 'latin1')));
    const kept = await contents();
    const other = path.join(REFERENCE, 'both-gate/weights.safetensors');
    await refuses(other, /there is a model "first" already/, { name: 'first' }, 'model_invalid');
    assert.equal((await contents()).join() === kept.join(), true);
    assert.deepEqual(await readdir(path.join(models, 'first')), files);
  });
});

describe('what a killed import left', () => {
  const source = () => path.join(CASE, 'weights.safetensors');
  const leave = async (pid: number) => {
    const folder = path.join(models, `.incoming-x-${pid}.abc123`);
    await mkdir(folder);
    await writeFile(path.join(folder, 'weights.safetensors.7.tmp'), 'half');
  };
  const importOnce = async () => {
    const { folder } = await importModel(models, source(), { name: 'x' });
    const found = await readdir(models);
    await rm(folder, { recursive: true });
    return found.toSorted();
  };

  it('is cleared away by the next one', async () => {
    await leave(spawnSync('true').pid);
    assert.deepEqual(await importOnce(), ['first', 'x']);
  });

  it('is left alone while its process lives', async () => {
    await leave(process.ppid);
    assert.deepEqual(await importOnce(), [`.incoming-x-${process.ppid}.abc123`, 'first', 'x']);
    await rm(path.join(models, `.incoming-x-${process.ppid}.abc123`), { recursive: true });
  });

  // In a container every import is process 1, or 7: as the one that was killed.
  it('is cleared away too where its number is our own now', async () => {
    await leave(process.pid);
    try {
      assert.deepEqual(await importOnce(), ['first', 'x']);
    } finally {
      await rm(path.join(models, `.incoming-x-${process.pid}.abc123`), { recursive: true, force: true });
    }
  });
});

describe('panelvec models import', () => {
  const cases: readonly [string, () => Promise<string> | string, string[], RegExp][] = [
    ['a key that is missing', () => changed(drop(`${TEXT}.bias`)), [], /changed\.safetensors: missing: text\.encoder/],
    ['heads that nobody told', () => path.join(CASE, 'best_model.pt'), [], /give --siglip-heads/],
    ['a file that is not there', () => place('nowhere.pt'), [], /nowhere\.pt/],
    [
      'a name that is taken',
      () => path.join(CASE, 'weights.safetensors'),
      ['--name', 'first'],
      /there is a model "first" already/,
    ],
    [
      'a tokenizer that is none',
      () => path.join(CASE, 'weights.safetensors'),
      ['--tokenizer', path.join(CASE, 'weights.safetensors')],
      /is not a tokenizer/,
    ],
    [
      'a checkpoint that would run code',
      () => path.join(PYTORCH, 'hostile.pt'),
      [],
      /hostile\.pt asks for posix\.system, which is not allowed: nothing of it was run/,
    ],
  ];
  for (const [what, file, flags, message] of cases) {
    it(`ends with 1 and one line for ${what}`, async () => {
      await rm(MARKER, { force: true });
      const outcome = await panelvec(['models', 'import', await file(), ...flags], { PANELVEC_HOME: home });
      assert.deepEqual({ code: outcome.code, stdout: outcome.stdout }, { code: 1, stdout: '' }, outcome.stderr);
      assert.match(outcome.stderr, /^panelvec: [^\n]+\n$/);
      assert.match(outcome.stderr, message);
      assert.deepEqual(await readdir(models), ['first']);
      assert.equal(existsSync(MARKER), false);
    });
  }

  it('ends with 2 for flags that are none', async () => {
    const wrong = [
      ['--siglip-heads', '0'],
      ['--text-heads', '1.5'],
      ['--fusion-mode', 'magic'],
    ];
    for (const flags of wrong) {
      const args = ['models', 'import', path.join(CASE, 'weights.safetensors'), ...flags];
      const outcome = await panelvec(args, { PANELVEC_HOME: home });
      assert.equal(outcome.code, 2, outcome.stderr);
    }
    assert.deepEqual(await readdir(models), ['first']);
  });

  it('takes its name from the file, and refuses what is none', async () => {
    await copyFile(path.join(CASE, 'weights.safetensors'), place('___.safetensors'));
    const outcome = await panelvec(['models', 'import', place('___.safetensors')], { PANELVEC_HOME: home });
    assert.equal(outcome.code, 1, outcome.stderr);
    assert.match(outcome.stderr, /cannot be a model's name/);
    assert.deepEqual(await readdir(models), ['first']);
  });
});
