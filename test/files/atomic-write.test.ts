import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { PanelvecError } from '../../src/errors.ts';
import { writeFileAtomic } from '../../src/files/atomic-write.ts';

describe('a file that is written whole', () => {
  let folder: string;
  let scratch: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'panelvec-whole-'));
  });
  beforeEach(async () => {
    await rm(folder, { recursive: true, force: true });
    scratch = path.join(folder, 'scratch');
    file = path.join(folder, 'final', 'file');
    await mkdir(scratch, { recursive: true });
    await mkdir(path.dirname(file));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const isErrorWithCode = (code: string) => (error: unknown) => {
    assert.ok(error instanceof PanelvecError && error.code === 'internal');
    assert.equal((error.cause as NodeJS.ErrnoException).code, code);
    return true;
  };

  it('has its bytes, replaces what was there, and leaves nothing in scratch', async () => {
    await writeFileAtomic(file, Buffer.from('old and longer'), scratch);
    await writeFileAtomic(file, Buffer.from('new'), scratch);
    assert.equal(await readFile(file, 'utf8'), 'new');
    await writeFileAtomic(file, new Uint8Array(), scratch);
    assert.equal(await readFile(file, 'utf8'), '');
    assert.deepEqual(await readdir(scratch), []);
  });

  it('may be written by many at once: one of them wins', async () => {
    const texts = Array.from({ length: 30 }, (_, i) => `${i}`.repeat(5000 + i));
    await Promise.all(texts.map((text) => writeFileAtomic(file, Buffer.from(text), scratch)));
    assert.ok(texts.includes(await readFile(file, 'utf8')));
    assert.deepEqual(await readdir(scratch), []);
  });

  it('stays as it was where there is no scratch folder, or no folder for it', async () => {
    await writeFile(file, 'old');
    await assert.rejects(
      writeFileAtomic(file, Buffer.from('new'), path.join(folder, 'absent')),
      isErrorWithCode('ENOENT'),
    );
    assert.equal(await readFile(file, 'utf8'), 'old');
    const missingPath = path.join(folder, 'absent', 'file');
    await assert.rejects(writeFileAtomic(missingPath, Buffer.from('new'), scratch), isErrorWithCode('ENOENT'));
    assert.deepEqual(await readdir(scratch), []);
  });

  it('tells what the system said where its name is taken by a folder', async () => {
    await mkdir(path.join(file, 'inside'), { recursive: true });
    await assert.rejects(writeFileAtomic(file, Buffer.from('new'), scratch), isErrorWithCode('EISDIR'));
    assert.deepEqual(await readdir(scratch), []);
  });

  it('tells that a folder is not to be written', {
    skip: process.getuid?.() === 0 && 'root may write anywhere',
  }, async () => {
    await chmod(path.dirname(file), 0o500);
    try {
      await assert.rejects(writeFileAtomic(file, Buffer.from('new'), scratch), isErrorWithCode('EACCES'));
    } finally {
      await chmod(path.dirname(file), 0o700);
    }
    assert.deepEqual(await readdir(scratch), []);
  });
});
