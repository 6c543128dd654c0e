import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { tryLockFile } from '../../src/files/file-lock.ts';

const MODULE = pathToFileURL(path.join(import.meta.dirname, '../../src/files/file-lock.ts')).href;

describe('the lock of a file', () => {
  let folder: string;
  let file: string;
  const children: ChildProcess[] = [];
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-lock-'));
    file = path.join(folder, 'lock.sqlite');
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('belongs to one process until that is killed', async () => {
    for (const isFirst of [true, false]) {
      const [child, hasLock] = await lockInChild(file);
      children.push(child);
      assert.equal(hasLock, isFirst);
    }
    assert.equal(tryLockFile(file), undefined);
    for (const child of children) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const lock = tryLockFile(file);
    assert.ok(lock !== undefined);
    lock.release();
    assert.equal((await stat(file)).size, 0);
  });

  it('can be taken again once it is released', () => {
    for (let round = 0; round < 2; round++) {
      const lock = tryLockFile(file);
      assert.ok(lock !== undefined);
      assert.equal(tryLockFile(file), undefined);
      lock.release();
    }
  });

  it('fails where the file cannot be made', () => {
    assert.throws(() => tryLockFile(path.join(folder, 'absent', 'lock.sqlite')), /unable to open/);
  });
});

/** Starts a process that tries to get the lock, says whether it has it, and runs until it is killed. */
async function lockInChild(file: string): Promise<[ChildProcess, boolean]> {
  const program = `
    import { tryLockFile } from ${JSON.stringify(MODULE)};
    globalThis.lock = tryLockFile(${JSON.stringify(file)});
    process.send(globalThis.lock !== undefined);
    process.on('message', () => {});`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [hasLock] = await once(child, 'message');
  return [child, hasLock];
}
