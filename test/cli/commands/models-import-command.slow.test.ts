import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  dropKeys,
  home,
  homePath,
  MARKER,
  modelsFolder,
  PYTORCH,
  TEXT,
  writeChanged,
} from '../../model-tools/pytorch-checkpoint/refused-imports.ts';
import { CHECKPOINT_FOLDER } from '../../support/reference-cases.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';

describe('panelvec models import', () => {
  const cases: readonly [string, () => Promise<string> | string, string[], RegExp][] = [
    ['a missing key', () => writeChanged(dropKeys(`${TEXT}.bias`)), [], /changed\.safetensors: missing: text\.encoder/],
    ['an unknown number of heads', () => path.join(CHECKPOINT_FOLDER, 'best_model.pt'), [], /give --siglip-heads/],
    ['a missing file', () => homePath('nowhere.pt'), [], /nowhere\.pt/],
    [
      'a taken name',
      () => path.join(CHECKPOINT_FOLDER, 'weights.safetensors'),
      ['--name', 'first'],
      /there is a model "first" already/,
    ],
    [
      'an invalid tokenizer',
      () => path.join(CHECKPOINT_FOLDER, 'weights.safetensors'),
      ['--tokenizer', path.join(CHECKPOINT_FOLDER, 'weights.safetensors')],
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
      const outcome = await runPanelvec(['models', 'import', await file(), ...flags], { PANELVEC_HOME: home });
      assert.deepEqual({ code: outcome.code, stdout: outcome.stdout }, { code: 1, stdout: '' }, outcome.stderr);
      assert.match(outcome.stderr, /^panelvec: [^\n]+\n$/);
      assert.match(outcome.stderr, message);
      assert.deepEqual(await readdir(modelsFolder), ['first']);
      assert.equal(existsSync(MARKER), false);
    });
  }

  it('ends with 2 for invalid options', async () => {
    const invalidFlags = [
      ['--siglip-heads', '0'],
      ['--text-heads', '1.5'],
      ['--fusion-mode', 'magic'],
    ];
    for (const flags of invalidFlags) {
      const args = ['models', 'import', path.join(CHECKPOINT_FOLDER, 'weights.safetensors'), ...flags];
      const outcome = await runPanelvec(args, { PANELVEC_HOME: home });
      assert.equal(outcome.code, 2, outcome.stderr);
    }
    assert.deepEqual(await readdir(modelsFolder), ['first']);
  });

  it('names the model after the file, and refuses an invalid name', async () => {
    await copyFile(path.join(CHECKPOINT_FOLDER, 'weights.safetensors'), homePath('___.safetensors'));
    const outcome = await runPanelvec(['models', 'import', homePath('___.safetensors')], { PANELVEC_HOME: home });
    assert.equal(outcome.code, 1, outcome.stderr);
    assert.match(outcome.stderr, /cannot be a model's name/);
    assert.deepEqual(await readdir(modelsFolder), ['first']);
  });
});
