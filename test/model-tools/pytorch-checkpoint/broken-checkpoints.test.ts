import path from 'node:path';
import { describe, it } from 'node:test';
import { float32ToFloat16 } from '../../../src/graph/float16.ts';
import { CHECKPOINT_FOLDER } from '../../support/reference-cases.ts';
import {
  assertRefused,
  type Change,
  dropKeys,
  setLastElement,
  setTensor,
  TEXT,
  TOWER,
  WORDS,
  writeChanged,
  zeros,
} from './refused-imports.ts';

describe('an import refuses keys of which', () => {
  const cases: readonly [string, Change, RegExp][] = [
    [
      'one is missing',
      dropKeys(`${TEXT}.bias`),
      /changed\.safetensors: missing: text\.encoder\.encoder\.layer\.1\.output\.dense\.bias \(32\)$/,
    ],
    [
      'several are missing',
      dropKeys('fusion.gate.2.weight', 'comp.mlp.0.bias', 'vision.resnet.resnet.bn1.running_var'),
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
      setTensor('text.encoder.extra.weight', zeros(2)),
      /changed\.safetensors: unexpected: text\.encoder\.extra\.weight$/,
    ],
    ['one is empty', setTensor('', zeros(2)), /: unexpected: $/],
    [
      'fifty are not known',
      (tensors) => {
        for (let i = 0; i < 50; i++) tensors.set(`more.${i}`, zeros(1));
      },
      /: unexpected: more\.0, .*more\.9 and 40 more$/,
    ],
    [
      'one is misshapen',
      setTensor(`${TEXT}.bias`, zeros(33)),
      /: misshapen: text\.encoder\.encoder\.layer\.1\.output\.dense\.bias \(33\) instead of \(32\)$/,
    ],
    [
      'one is transposed',
      setTensor(`${TEXT}.weight`, zeros(64, 32)),
      /: misshapen: text\.encoder\.encoder\.layer\.1\.output\.dense\.weight \(64, 32\) instead of \(32, 64\)$/,
    ],
    [
      'a number is a vector',
      setTensor('fusion.residual_weight', zeros(1)),
      /: misshapen: fusion\.residual_weight \(1\) instead of \(\)$/,
    ],
    [
      'one is int64',
      setTensor(`${TEXT}.bias`, { dtype: 'int64', shape: [32], bytes: new Uint8Array(256) }),
      /: misshapen: text\S+ of int64 instead of float32$/,
    ],
    [
      'one is float64',
      setTensor(`${TEXT}.bias`, { dtype: 'float64', shape: [32], bytes: new Uint8Array(256) }),
      /: misshapen: text\S+ of float64 instead of float32$/,
    ],
    [
      'all of it at once',
      (tensors) => {
        dropKeys(`${TEXT}.bias`)(tensors);
        setTensor('more', zeros(1))(tensors);
        setTensor('comp.mlp.0.bias', zeros(1, 1))(tensors);
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
    [
      'nothing',
      (tensors) => tensors.clear(),
      /holds no whole Stage 3 model: missing text\.proj\.weight, .*; found 0 tensors$/,
    ],
    ['the fusion of backbones', dropKeys('vision.attention.0.weight'), /missing: vision\.attention\.0\.weight/],
    [
      'the width',
      dropKeys('text.proj.weight'),
      /no whole Stage 3 model: missing text\.proj\.weight \(closest: text\.proj\.bias\); found \d+ tensors/,
    ],
    [
      'the words',
      dropKeys(WORDS),
      /no whole Stage 3 model: missing text\.encoder\.embeddings\.word_embeddings\.weight/,
    ],
    ['no words', setTensor(WORDS, zeros(0, 32)), /word_embeddings\.weight" has the shape \(0, 32\)/],
    ['words of one axis', setTensor(WORDS, zeros(200)), /word_embeddings\.weight" has the shape \(200\)/],
    [
      'patches that make no square',
      setTensor(`${TOWER}.embeddings.position_embedding.weight`, zeros(15, 48)),
      /places for 15 patches: not a square/,
    ],
    [
      'a width that is none',
      setTensor('text.proj.weight', zeros()),
      /text\.proj\.weight \(\)|"text\.proj\.weight" has the shape \(\)/,
    ],
  ];
  for (const [what, change, message] of cases) it(what, async () => assertRefused(await writeChanged(change), message));
});

describe('an import refuses weights', () => {
  const keys = [
    `${TEXT}.weight`,
    `${TOWER}.head.probe`,
    'vision.resnet.resnet.bn1.running_var',
    'fusion.residual_weight',
  ];
  for (const [i, value] of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].entries()) {
    it(`with ${value}, and names the key`, async () => {
      for (const key of [keys[i]!, keys[3]!]) {
        await assertRefused(
          await writeChanged(setLastElement(key, value)),
          new RegExp(`changed\\.safetensors: "${key}" holds a NaN or an infinity$`),
        );
      }
    });
  }

  it('with NaN or infinity in half precision', async () => {
    const halves =
      (value: number): Change =>
      (tensors) => {
        const { shape } = tensors.get(`${TEXT}.bias`)!;
        const values = new Float32Array(32).fill(0.5).with(31, value);
        tensors.set(`${TEXT}.bias`, { dtype: 'float16', shape, bytes: float32ToFloat16(values) });
      };
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      await assertRefused(await writeChanged(halves(value)), /output\.dense\.bias" holds a NaN or an infinity/);
    }
  });
});

describe('properties that the weights do not tell', () => {
  const unchanged: Change = () => {};
  const hintsMetadata = (hints: unknown) => ({ panelvec: typeof hints === 'string' ? hints : JSON.stringify(hints) });
  const heads = { siglip_heads: 4, text_heads: 4 };

  it('must be given as options', async () => {
    const file = await writeChanged(unchanged, {});
    await assertRefused(file, /SigLIP is 48 wide, .*give --siglip-heads$/, {}, 'model_invalid');
    await assertRefused(file, /text encoder is 32 wide, .*give --text-heads$/, { siglipHeads: 4 }, 'model_invalid');
    await assertRefused(path.join(CHECKPOINT_FOLDER, 'best_model.pt'), /give --siglip-heads$/, {}, 'model_invalid');
  });

  it('are refused if the heads do not divide the width', async () => {
    const file = await writeChanged(unchanged);
    await assertRefused(file, /5 vision heads do not divide the width 48/, { siglipHeads: 5 });
    await assertRefused(file, /96 vision heads do not divide the width 48/, { siglipHeads: 96 });
    await assertRefused(file, /3 text heads do not divide the width 32/, { textHeads: 3 });
  });

  const cases: readonly [string, Record<string, string>, RegExp][] = [
    ['that is not JSON', hintsMetadata('{'), /metadata panelvec/],
    ['that is null', hintsMetadata('null'), /metadata panelvec/],
    ['of other types', hintsMetadata({ ...heads, max_tokens: '8' }), /metadata panelvec: max_tokens/],
    ['of no heads', hintsMetadata({ ...heads, siglip_heads: 0 }), /metadata panelvec: siglip_heads/],
    ['of half a head', hintsMetadata({ ...heads, text_heads: 0.5 }), /metadata panelvec: text_heads/],
    ['of an unknown fusion', hintsMetadata({ ...heads, fusion_mode: 'magic' }), /metadata panelvec: fusion_mode/],
    [
      'of an infinite normalisation',
      hintsMetadata(`{"normalisation":{"siglip":{"mean":[1e999,0,0],"std":[1,1,1]}}}`),
      /metadata panelvec: normalisation\.siglip\.mean\.0/,
    ],
    [
      'of a deviation of zero',
      hintsMetadata({ ...heads, normalisation: { siglip: { mean: [0, 0, 0], std: [0, 1, 1] } } }),
      /std.*must not be zero/,
    ],
    ['of the author that is not JSON', { config: '[' }, /metadata config/],
    ['of the author with other types', { config: '{"sizes":{"siglip":{"heads":"4"}}}' }, /metadata config/],
  ];
  for (const [what, metadata, message] of cases) {
    it(`are refused in metadata ${what}`, async () => assertRefused(await writeChanged(unchanged, metadata), message));
  }
});
