import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { ArchiveError } from '../../../src/datasets/archives/archive-error.ts';
import { listMembers, readMember } from '../../../src/datasets/archives/zip-members.ts';
import { makeZip, type ZipFile } from '../../support/make-zip.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { testSeed } from '../../support/seed.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'panelvec-zip-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const MAX_BYTES = 1 << 20;
const ENCRYPTED_FLAG = 1;

async function openZip(bytes: Buffer) {
  const file = path.join(folder, 'book.cbz');
  writeFileSync(file, bytes);
  return open(file);
}

async function list(bytes: Buffer, encoding: string | null = null) {
  await using handle = await openZip(bytes);
  return await listMembers(handle, encoding);
}

/** Lists all members and reads the first. */
async function readFirst(bytes: Buffer): Promise<string> {
  await using handle = await openZip(bytes);
  const [member] = await listMembers(handle, null);
  assert.ok(member);
  return (await readMember(handle, member)).toString();
}

const file = (fields: Partial<ZipFile> = {}): ZipFile => ({ name: 'p1.jpg', content: 'a picture', ...fields });

describe('a ZIP archive', () => {
  it('gives its files, deflated or stored', async () => {
    assert.equal(await readFirst(makeZip([file()])), 'a picture');
    assert.equal(await readFirst(makeZip([file({ isStored: true })])), 'a picture');
    assert.equal(await readFirst(makeZip([file({ content: '' })])), '');
    assert.deepEqual(await list(makeZip([])), []);
    assert.deepEqual(
      (await list(makeZip([file({ name: 'a/', content: '' }), file({ name: 'a/b' })]))).map(({ name }) => name),
      ['a/b'],
    );
  });

  it('may be large', async () => {
    const names = Array.from({ length: 5000 }, (_, i) => `a long name of a folder/page ${i}.jpg`);
    const members = await list(makeZip(names.map((name) => file({ name }))));
    assert.deepEqual(
      members.map(({ name }) => name),
      names,
    );
  });

  const names: [bytes: string | Buffer, name: string, note: string | null, encoding?: string][] = [
    ['é/猫.jpg', 'é/猫.jpg', null],
    [Buffer.from('plain.jpg'), 'plain.jpg', null],
    [Buffer.from('é.jpg'), 'é.jpg', 'names_as_utf8'],
    [Buffer.from([0x82, 0x2e, 0x6a, 0x70, 0x67]), 'é.jpg', 'names_as_cp437'],
    [Buffer.from([0x94, 0x4c, 0x95, 0x5c, 0x2f, 0x31]), '猫表/1', 'names_as_declared', 'shift_jis'],
    [Buffer.from([0x94, 0x4c, 0x95, 0x5c, 0x2f, 0x31]), 'öLò\\/1', 'names_as_cp437'],
    ['a\\b\\1.jpg', 'a/b/1.jpg', null],
  ];
  for (const [bytes, name, note, encoding] of names) {
    it(`decodes the name ${JSON.stringify(name)}`, async () => {
      const [member] = await list(makeZip([file({ name: bytes })]), encoding ?? null);
      assert.deepEqual([member?.name, member?.note, member?.problem], [name, note, null]);
    });
  }

  const problems: [name: string, fields: Partial<ZipFile>, problem: RegExp][] = [
    [
      'a name that is marked as UTF-8 and is not',
      { name: Buffer.from([0xe9]), flags: 0x800 },
      /is marked as UTF-8 and is not/,
    ],
    ['a path upwards', { name: '../p1.jpg' }, /leads out of the archive/],
    ['a path upwards of Windows', { name: 'a\\..\\..\\p1.jpg' }, /leads out of the archive/],
    ['an absolute path', { name: '/etc/p1.jpg' }, /leads out of the archive/],
    ['a drive', { name: 'C:\\p1.jpg' }, /leads out of the archive/],
    ['encryption', { flags: ENCRYPTED_FLAG }, /it is encrypted/],
    ['another method', { method: 14 }, /its compression method 14 is not read: repack the archive with Deflate/],
  ];
  for (const [name, fields, problem] of problems) {
    it(`has a problem with a file with ${name}`, async () => {
      const [member, next] = await list(makeZip([file(fields), file({ name: 'p2.jpg' })]));
      assert.match(member?.problem ?? '', problem);
      assert.equal(next?.problem, null);
    });
  }

  const damaged: [name: string, fields: Partial<ZipFile>, message: RegExp][] = [
    ['more bytes than it declares', { content: Buffer.alloc(MAX_BYTES), declaredBytes: 9 }, /larger than 9 bytes/],
    ['fewer bytes than it declares', { declaredBytes: 100 }, /it has 9 bytes in place of 100/],
    [
      'a compressed form that is far too long',
      { content: Buffer.alloc(2 * MAX_BYTES), isStored: true, method: 8, declaredBytes: 9 },
      /compressed to more than it has/,
    ],
    ['a wrong checksum', { declaredCrc32: 7 }, /its checksum is wrong/],
    ['what is not compressed', { isStored: true, method: 8 }, /./],
  ];
  for (const [name, fields, message] of damaged) {
    it(`refuses a file with ${name}`, () =>
      assert.rejects(readFirst(makeZip([file(fields)])), { name: 'ArchiveError', reason: 'bad_archive', message }));
  }

  it('is refused wherever it is cut off', async () => {
    const bytes = makeZip([file(), file({ name: 'p2.jpg' })]);
    for (let length = 0; length < bytes.length; length++) {
      const short = length === 0 ? /it is empty: copy or download it again/ : /it is no ZIP archive/;
      const message = length < 4 ? short : /it is truncated: its directory/;
      await assert.rejects(list(bytes.subarray(0, length)), { name: 'ArchiveError', message }, `${length} bytes`);
    }
  });

  it('is refused or read, whatever bytes are changed', async (t) => {
    const random = mulberry32(testSeed(t));
    const bytes = makeZip([file(), file({ name: 'é.jpg', isStored: true })]);
    for (let round = 0; round < 600; round++) {
      const changed = Buffer.from(bytes);
      for (let i = 0; i < 3; i++) changed[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      await using handle = await openZip(changed);
      try {
        for (const member of await listMembers(handle, null)) {
          if (member.problem === null && member.bytes <= MAX_BYTES) await readMember(handle, member);
        }
      } catch (error) {
        assert.ok(error instanceof ArchiveError, String(error));
      }
    }
  });

  const others: [container: string, start: string][] = [
    ['RAR', 'Rar!\x1a\x07\x01\0'],
    ['7z', '7z\xbc\xaf\x27\x1c'],
    ['PDF', '%PDF-1.7'],
    ['TAR', `${'a'.repeat(257)}ustar`],
    ['gzip', '\x1f\x8b\x08'],
  ];
  for (const [container, start] of others) {
    it(`is told apart from ${container}`, () =>
      assert.rejects(list(Buffer.from(start + '\0'.repeat(400), 'latin1')), {
        reason: 'unsupported_archive',
        message: new RegExp(`^${container} is not read: repack it as CBZ`),
      }));
  }
});
