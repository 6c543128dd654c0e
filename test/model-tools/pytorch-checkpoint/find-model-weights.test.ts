import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findModelWeights } from '../../../src/model-tools/pytorch-checkpoint/find-model-weights.ts';
import { openWeights } from '../../../src/weights/open-weights.ts';
import { float32View } from '../../../src/weights/tensor.ts';
import type { WeightsFile } from '../../../src/weights/weights-file.ts';

const WRAPPED = path.join(import.meta.dirname, '../../fixtures/pytorch/wrapped');

/** The model of make.py: each tensor holds its own place in the state dict. */
const MODEL = {
  'vision.adaptation.weight': 0,
  'vision.adaptation.bias': 1,
  'text.encoder.embeddings.word_embeddings.weight': 2,
  'text.proj.weight': 3,
  'text.proj.bias': 4,
  'comp.mlp.0.weight': 5,
  'comp.mlp.0.bias': 6,
  'fusion.gate.0.weight': 7,
  'fusion.gate.0.bias': 8,
};

async function readModel(name: string, prefix?: string) {
  const weights = await openWeights(path.join(WRAPPED, name));
  const { keys, notes } = findModelWeights(weights, prefix);
  const tensors = await weights.load([...keys.values()]);
  const numbers = [...keys].map(([name, key]) => {
    const tensor = tensors.get(key);
    assert.ok(tensor, key);
    return [name, float32View(tensor)[0]];
  });
  return { model: Object.fromEntries(numbers), notes };
}

/** Names alone: nothing is loaded. */
const fileOf = (...keys: string[]): WeightsFile => ({
  file: 'model.pt',
  tensors: keys.map((key) => ({ key, dict: '' })),
  others: [],
  metadata: {},
  load: () => assert.fail(),
});
const keysOf = (prefix: string, change = (key: string) => key) => Object.keys(MODEL).map((key) => prefix + change(key));

describe('the weights of a model in a checkpoint of PyTorch or Lightning', () => {
  const cases: readonly [file: string, prefix: string, leftOut?: string][] = [
    ['compiled.pt', '_orig_mod.'],
    ['parallel-compiled.pt', 'module._orig_mod.'],
    ['parallel-compiled.safetensors', 'module._orig_mod.'],
    ['compiled-part.pt', ''],
    ['averaged.pt', 'module.', 'n_averaged'],
    ['averaged.safetensors', 'module.', 'n_averaged'],
    ['ema.pt', 'ema.module.', 'epoch, optimizer, ema.n_averaged'],
    ['model-and-ema.pt', 'model.module.', 'args, out, started, seen, ema'],
    ['nested.pt', 'state.net.encoder.', 'epoch'],
    ['by-part.pt', ''],
    ['prefixed.safetensors', 'model.'],
    [
      'lightning.ckpt',
      'state_dict.model._orig_mod.',
      'epoch, global_step, pytorch-lightning_version, optimizer_states, lr_schedulers and 2 more',
    ],
  ];
  for (const [file, prefix, leftOut] of cases) {
    it(`are read from ${file}, and what else is there is noted`, async () => {
      const { model, notes } = await readModel(file);
      assert.deepEqual(model, MODEL);
      assert.deepEqual(notes, [
        ...(prefix === '' ? [] : [`the weights are those below "${prefix}"`]),
        ...(leftOut === undefined ? [] : [`left out, as no weights of the model: ${leftOut}`]),
      ]);
    });
  }

  it('are those of the prefix that is asked for', async () => {
    assert.deepEqual((await readModel('student-and-teacher.pt', 'teacher')).model, MODEL);
    assert.deepEqual(
      (await readModel('model-and-ema.pt', 'ema.module.')).notes[0],
      'the weights are those below "ema.module."',
    );
  });
});

describe('the weights of a model', () => {
  it('may have any prefix, and wrappers around any part', () => {
    for (const prefix of ['', 'module.', 'a.b.c.', 'encoder.', 'text.', 'fusion.gate.', 'module.model.module.']) {
      const inner = (key: string) =>
        key.replace('.', '._orig_mod.').replace(/\.(weight|bias)$/, '._fsdp_wrapped_module.module.$1');
      for (const change of [(key: string) => key, inner]) {
        const keys = keysOf(prefix, change);
        const found = findModelWeights(fileOf('n_averaged', ...keys.toReversed()), undefined).keys;
        const expected = Object.keys(MODEL).map((name, i) => [name, keys[i]]);
        const counter = prefix === '' ? [['n_averaged', 'n_averaged']] : [];
        assert.deepEqual([...found].sort(), [...expected, ...counter].sort(), prefix);
      }
    }
  });

  it('are told from the state of an optimizer that has their names', () => {
    const file = fileOf(...keysOf('model.'), ...keysOf('optimizer.state.', (key) => `${key}.exp_avg`));
    assert.deepEqual([...findModelWeights(file, undefined).keys.values()], keysOf('model.'));
  });

  it('keep a key that the model does not know, which the import refuses', () => {
    const { keys } = findModelWeights(fileOf(...keysOf('model.'), 'model.extra'), undefined);
    assert.equal(keys.get('extra'), 'model.extra');
  });

  const refused: readonly [string, WeightsFile, string | undefined, RegExp][] = [
    [
      'two models',
      fileOf(...keysOf('student.'), ...keysOf('teacher.')),
      undefined,
      /^model\.pt holds 2 models, below "student\.", "teacher\.": choose one with --prefix$/,
    ],
    [
      'no model below the prefix that is asked for',
      fileOf(...keysOf('module.')),
      'ema',
      /no Stage 3 model below the prefix "ema\.": there is one below "module\."$/,
    ],
    [
      'another model',
      fileOf('txt.proj.weight', ...Array.from({ length: 8 }, (_, i) => `layer.${i}`)),
      undefined,
      /holds no whole Stage 3 model: missing text\.proj\.weight \(closest: txt\.proj\.weight\), fusion\.gate\.0\.weight, .*; found 9 tensors \(txt\.proj\.weight, layer\.0, layer\.1, layer\.2, layer\.3 and 4 more\)$/,
    ],
    [
      'one weight under two names',
      fileOf(...keysOf(''), 'text.module.proj.weight'),
      undefined,
      /"text\.proj\.weight" and "text\.module\.proj\.weight" are one weight$/,
    ],
    [
      'a part of the model below another prefix',
      fileOf(...keysOf('model.').filter((key) => !key.includes('fusion')), 'head.fusion.gate.0.weight'),
      undefined,
      /missing fusion\.gate\.0\.weight \(closest: head\.fusion\.gate\.0\.weight\); found 8 tensors/,
    ],
    ['no tensors', fileOf(), undefined, /found 0 tensors$/],
    [
      'one shard of several',
      { ...fileOf('lm_head.weight'), file: 'model-00002-of-00003.safetensors' },
      undefined,
      /it is one shard of several: import the folder, or its \.index\.json$/,
    ],
  ];
  for (const [what, file, prefix, message] of refused) {
    it(`are refused where there is ${what}`, () => {
      assert.throws(() => findModelWeights(file, prefix), { code: 'weights_invalid', message });
    });
  }
});
