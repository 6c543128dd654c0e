import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { importModel } from '../../src/model-tools/pytorch-checkpoint/import-model.ts';
import { assertRefused, modelsFolder } from '../model-tools/pytorch-checkpoint/refused-imports.ts';
import { CHECKPOINT_FOLDER, REFERENCE_FOLDER } from '../support/reference-cases.ts';

describe('the name of a model', () => {
  for (const name of ['', 'A', 'a/b', '../a', '.a', '-a', 'a b', 'ä', 'a\n', 'a\0', '..', 'nul', 'a.']) {
    it(`cannot be ${JSON.stringify(name)}`, () =>
      assertRefused(
        path.join(CHECKPOINT_FOLDER, 'weights.safetensors'),
        /cannot be a model's name/,
        { name },
        'model_invalid',
      ));
  }

  it('cannot be taken again, and its model stays as it is', async () => {
    const files = await readdir(path.join(modelsFolder, 'first'));
    const contents = () => Promise.all(files.map((file) => readFile(path.join(modelsFolder, 'first', file), 'latin1')));
    const contentsBefore = await contents();
    const other = path.join(REFERENCE_FOLDER, 'both-gate/weights.safetensors');
    await assertRefused(other, /there is a model "first" already/, { name: 'first' }, 'model_invalid');
    assert.equal((await contents()).join() === contentsBefore.join(), true);
    assert.deepEqual(await readdir(path.join(modelsFolder, 'first')), files);
  });
});

describe('the folder that a killed import left', () => {
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

  it('is removed by the next import', async () => {
    await leaveIncomingFolder(spawnSync('true').pid);
    assert.deepEqual(await importOnce(), ['first', 'x']);
  });

  it('stays while its process runs', async () => {
    await leaveIncomingFolder(process.ppid);
    assert.deepEqual(await importOnce(), [`.incoming-x@${hostname()}-${process.ppid}.abc123`, 'first', 'x']);
    await rm(path.join(modelsFolder, `.incoming-x@${hostname()}-${process.ppid}.abc123`), { recursive: true });
  });

  it('stays for a day if it is of another machine', async () => {
    const folder = path.join(modelsFolder, '.incoming-x@elsewhere-7.abc123');
    await mkdir(folder);
    assert.deepEqual(await importOnce(), ['.incoming-x@elsewhere-7.abc123', 'first', 'x']);
    const old = new Date(Date.now() - 25 * 3600 * 1000);
    await utimes(folder, old, old);
    assert.deepEqual(await importOnce(), ['first', 'x']);
  });

  // In a container every import may have the same process id, also one that was killed.
  it('is removed if its process id is that of this process', async () => {
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
