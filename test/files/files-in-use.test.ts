import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { writeFileAtomic } from '../../src/files/atomic-write.ts';
import { removeIfFree, renameWhenFree } from '../../src/files/files-in-use.ts';

const PLATFORM = process.platform;

describe('files that another process has open', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(tmpdir(), 'panelvec-in-use-'));
    file = path.join(folder, 'file');
    await fs.writeFile(file, 'old');
  });
  afterEach(async () => {
    mock.restoreAll();
    syncBuiltinESMExports();
    setPlatform(PLATFORM);
    await fs.rm(folder, { recursive: true });
  });

  for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
    it(`are replaced later on Windows (${code})`, async () => {
      setPlatform('win32');
      failFirst('rename', 3, code);
      await writeFileAtomic(file, 'new');
      assert.equal(await fs.readFile(file, 'utf8'), 'new');
      assert.deepEqual(await fs.readdir(folder), ['file']);
    });

    it(`stay where they cannot be removed (${code})`, async () => {
      failFirst('rm', 1, code);
      await removeIfFree(file);
      assert.deepEqual(await fs.readdir(folder), ['file']);
      await removeIfFree(file);
      assert.deepEqual(await fs.readdir(folder), []);
    });
  }

  it('fail at once on other systems, where only rights give these errors', async () => {
    setPlatform('linux');
    failFirst('rename', 1, 'EPERM');
    await assert.rejects(renameWhenFree(file, `${file}.2`), { code: 'EPERM' });
  });

  it('fail in the end on Windows, with the error of the system', async (test) => {
    setPlatform('win32');
    test.mock.timers.enable({ apis: ['setTimeout'] });
    failFirst('rename', Number.POSITIVE_INFINITY, 'EACCES');
    const renamed = renameWhenFree(file, `${file}.2`);
    const timer = setInterval(() => test.mock.timers.tick(1000), 0);
    await assert.rejects(renamed, { code: 'EACCES' });
    clearInterval(timer);
  });

  it('are not waited for after another error', async () => {
    setPlatform('win32');
    await assert.rejects(renameWhenFree(path.join(folder, 'absent'), file), { code: 'ENOENT' });
    failFirst('rm', 1, 'EIO');
    await assert.rejects(removeIfFree(file), { code: 'EIO' });
  });
});

describe('a folder on Windows', () => {
  it('is not synced, which Windows refuses', async () => {
    const folder = await fs.mkdtemp(path.join(tmpdir(), 'panelvec-in-use-'));
    const handle = await fs.open(folder, 'r');
    const prototype = Object.getPrototypeOf(handle) as fs.FileHandle;
    await handle.close();
    const { sync } = prototype;
    mock.method(prototype, 'sync', async function (this: fs.FileHandle) {
      if ((await this.stat()).isDirectory()) throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
      await sync.call(this);
    });
    const file = path.join(folder, 'file');
    try {
      await assert.rejects(writeFileAtomic(file, 'text'), /EPERM/);
      setPlatform('win32');
      await writeFileAtomic(file, 'text');
    } finally {
      setPlatform(PLATFORM);
      mock.restoreAll();
      await fs.rm(folder, { recursive: true });
    }
  });
});

function setPlatform(value: NodeJS.Platform): void {
  Object.defineProperty(process, 'platform', { value });
}

/** Makes the first calls of a function of fs fail, also where it was imported by name. */
function failFirst(name: 'rename' | 'rm', calls: number, code: string): void {
  const original = fs[name] as (...args: unknown[]) => Promise<void>;
  let count = 0;
  mock.method(fs, name, async (...args: unknown[]) => {
    if (count++ < calls) throw Object.assign(new Error(code), { code });
    return original(...args);
  });
  syncBuiltinESMExports();
}
