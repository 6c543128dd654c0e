import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { PanelvecError } from '../../src/errors.ts';
import {
  AtomicWriteStream,
  linkFileAtomic,
  removeTemporaryFiles,
  writeFileAtomic,
} from '../../src/files/atomic-write.ts';

describe('writeFileAtomic', () => {
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

  it('writes the bytes, replaces an existing file, and leaves nothing in scratch', async () => {
    await writeFileAtomic(file, Buffer.from('old and longer'), scratch);
    await writeFileAtomic(file, Buffer.from('new'), scratch);
    assert.equal(await readFile(file, 'utf8'), 'new');
    await writeFileAtomic(file, new Uint8Array(), scratch);
    assert.equal(await readFile(file, 'utf8'), '');
    assert.deepEqual(await readdir(scratch), []);
  });

  it('may run many times at once for one file: one content wins', async () => {
    const texts = Array.from({ length: 30 }, (_, i) => `${i}`.repeat(5000 + i));
    await Promise.all(texts.map((text) => writeFileAtomic(file, Buffer.from(text), scratch)));
    assert.ok(texts.includes(await readFile(file, 'utf8')));
    assert.deepEqual(await readdir(scratch), []);
  });

  it('leaves the file as it was if the scratch folder or the folder of the file is missing', async () => {
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

  it('fails with the error of the system if a folder has the name', async () => {
    await mkdir(path.join(file, 'inside'), { recursive: true });
    await assert.rejects(writeFileAtomic(file, Buffer.from('new'), scratch), isErrorWithCode('EISDIR'));
    assert.deepEqual(await readdir(scratch), []);
  });

  it('fails with the error of the system if the folder is not writable', {
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

  it('writes texts and bytes in their order, next to the file if no other folder is given', async () => {
    const euros = '€'.repeat(1 << 20);
    async function* chunks() {
      yield 'a';
      yield Buffer.from('b');
      yield euros;
      assert.equal((await readdir(path.dirname(file))).length, 1);
      yield new Uint8Array();
      yield 'c';
    }
    await writeFileAtomic(file, chunks());
    assert.equal(await readFile(file, 'utf8'), `ab${euros}c`);
    await writeFileAtomic(file, 'one text');
    assert.equal(await readFile(file, 'utf8'), 'one text');
    assert.deepEqual(await readdir(path.dirname(file)), ['file']);
  });

  it('leaves the file as it was, and nothing else, if the chunks end with an error', async () => {
    await writeFile(file, 'old');
    const failure = new Error('no more');
    async function* chunks() {
      yield 'new';
      throw failure;
    }
    await assert.rejects(writeFileAtomic(file, chunks(), scratch), failure);
    assert.equal(await readFile(file, 'utf8'), 'old');
    assert.deepEqual(await readdir(scratch), []);
  });

  it('links a file in place of another, also of itself', async () => {
    const other = path.join(path.dirname(file), 'other');
    await writeFile(file, 'content');
    await writeFile(other, 'replaced');
    for (let times = 0; times < 2; times++) {
      await linkFileAtomic(file, other);
      assert.equal(await readFile(other, 'utf8'), 'content');
      assert.deepEqual((await readdir(path.dirname(file))).sort(), ['file', 'other']);
    }
    await assert.rejects(linkFileAtomic(path.join(folder, 'absent'), other), isErrorWithCode('ENOENT'));
    assert.equal(await readFile(other, 'utf8'), 'content');
  });

  it('has its temporary files removed, of the chosen names only', async () => {
    const stream = await AtomicWriteStream.open(file);
    const other = await AtomicWriteStream.open(`${file}.other`);
    for (const name of ['file', 'file.tmp', 'file.bak', 'file.123.tmp']) {
      await writeFile(path.join(path.dirname(file), name), '');
    }
    const listFiles = async () => (await readdir(path.dirname(file))).sort();
    const before = await listFiles();
    await removeTemporaryFiles(path.dirname(file), (name) => name === 'file.other');
    assert.equal((await listFiles()).length, before.length - 1);
    await removeTemporaryFiles(path.dirname(file));
    assert.deepEqual(await listFiles(), ['file', 'file.123.tmp', 'file.bak', 'file.tmp']);
    for (const open of [stream, other]) await open.discard();
  });
});
