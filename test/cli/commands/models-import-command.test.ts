import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { importModel } from '../../../src/model-tools/pytorch-checkpoint/import-model.ts';
import {
  assertRefused,
  dropKeys,
  home,
  homePath,
  MARKER,
  modelsFolder,
  PYTORCH,
  TEXT,
  writeChanged,
} from '../../model-tools/pytorch-checkpoint/refused-imports.ts';
import { CHECKPOINT_FOLDER, REFERENCE_FOLDER } from '../../support/reference-cases.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';

describe('names', () => {
  for (const name of ['', 'A', 'a/b', '../a', '.a', '-a', 'a b', 'ä', 'a\n', 'a\0', '..']) {
    it(`${JSON.stringify(name)} is none`, () =>
      assertRefused(
        path.join(CHECKPOINT_FOLDER, 'weights.safetensors'),
        /cannot be a model's name/,
        { name },
        'model_invalid',
      ));
  }

  it('that are taken stay with what they name', async () => {
    const files = await readdir(path.join(modelsFolder, 'first'));
    const contents = () => Promise.all(files.map((file) => readFile(path.join(modelsFolder, 'first', file), 'latin1')));
    const contentsBefore = await contents();
    const other = path.join(REFERENCE_FOLDER, 'both-gate/weights.safetensors');
    await assertRefused(other, /there is a model "first" already/, { name: 'first' }, 'model_invalid');
    assert.equal((await contents()).join() === contentsBefore.join(), true);
    assert.deepEqual(await readdir(path.join(modelsFolder, 'first')), files);
  });
});

describe('what a killed import left', () => {
  const source = () => path.join(CHECKPOINT_FOLDER, 'weights.safetensors');
  const leaveIncomingFolder = async (pid: number) => {
    const folder = path.join(modelsFolder, `.incoming-x@${hostname()}-${pid}.abc123`);
    await mkdir(folder);
    await writeFile(path.join(folder, 'weights.safetensors.7.tmp'), 'half');
  };
  const importOnce = async () => {
    const { folder } = await importModel(modelsFolder, source(), { name: 'x' });
    const names = await readdir(modelsFolder);
    await rm(folder, { recursive: true });
    return names.toSorted();
  };

  it('is cleared away by the next one', async () => {
    await leaveIncomingFolder(spawnSync('true').pid);
    assert.deepEqual(await importOnce(), ['first', 'x']);
  });

  it('is left alone while its process lives', async () => {
    await leaveIncomingFolder(process.ppid);
    assert.deepEqual(await importOnce(), [`.incoming-x@${hostname()}-${process.ppid}.abc123`, 'first', 'x']);
    await rm(path.join(modelsFolder, `.incoming-x@${hostname()}-${process.ppid}.abc123`), { recursive: true });
  });

  it('is left alone for a day where another machine may be at it', async () => {
    const folder = path.join(modelsFolder, '.incoming-x@elsewhere-7.abc123');
    await mkdir(folder);
    assert.deepEqual(await importOnce(), ['.incoming-x@elsewhere-7.abc123', 'first', 'x']);
    const old = new Date(Date.now() - 25 * 3600 * 1000);
    await utimes(folder, old, old);
    assert.deepEqual(await importOnce(), ['first', 'x']);
  });

  // In a container every import is process 1, or 7: as the one that was killed.
  it('is cleared away too where its number is our own now', async () => {
    await leaveIncomingFolder(process.pid);
    try {
      assert.deepEqual(await importOnce(), ['first', 'x']);
    } finally {
      await rm(path.join(modelsFolder, `.incoming-x@${hostname()}-${process.pid}.abc123`), {
        recursive: true,
        force: true,
      });
    }
  });
});

describe('panelvec models import', () => {
  const cases: readonly [string, () => Promise<string> | string, string[], RegExp][] = [
    [
      'a key that is missing',
      () => writeChanged(dropKeys(`${TEXT}.bias`)),
      [],
      /changed\.safetensors: missing: text\.encoder/,
    ],
    ['heads that nobody told', () => path.join(CHECKPOINT_FOLDER, 'best_model.pt'), [], /give --siglip-heads/],
    ['a file that is not there', () => homePath('nowhere.pt'), [], /nowhere\.pt/],
    [
      'a name that is taken',
      () => path.join(CHECKPOINT_FOLDER, 'weights.safetensors'),
      ['--name', 'first'],
      /there is a model "first" already/,
    ],
    [
      'a tokenizer that is none',
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

  it('ends with 2 for flags that are none', async () => {
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

  it('takes its name from the file, and refuses what is none', async () => {
    await copyFile(path.join(CHECKPOINT_FOLDER, 'weights.safetensors'), homePath('___.safetensors'));
    const outcome = await runPanelvec(['models', 'import', homePath('___.safetensors')], { PANELVEC_HOME: home });
    assert.equal(outcome.code, 1, outcome.stderr);
    assert.match(outcome.stderr, /cannot be a model's name/);
    assert.deepEqual(await readdir(modelsFolder), ['first']);
  });
});
