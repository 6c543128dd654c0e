import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dict, pickle, tensor, text } from './pickle-builder.ts';
import { readTensors } from './read-tensors.ts';
import { buildZip, type ZipRecord } from './zip-builder.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-archive-'));
});
after(() => rm(folder, { recursive: true }));

const data: ZipRecord = { name: 'x/data.pkl', bytes: pickle(dict([text('w'), tensor()])) };
const floats: ZipRecord = { name: 'x/data/0', bytes: new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer) };
const record = (name: string, content = ''): ZipRecord => ({ name, bytes: Buffer.from(content) });

async function read(bytes: Uint8Array): Promise<number[]> {
  const file = path.join(folder, 'model.pt');
  await writeFile(file, bytes);
  const tensors = await readTensors(file);
  return [...new Float32Array(tensors.get('w')!.bytes.buffer)];
}

describe('zip archives in the layout of torch.save', () => {
  it('reads stored and deflated records, with and without a byte order', async () => {
    assert.deepEqual(await read(buildZip([data, floats])), [1, 2, 3, 4]);
    const deflated = [data, floats].map((entry) => ({ ...entry, deflate: true }));
    assert.deepEqual(await read(buildZip([...deflated, record('x/byteorder', 'little')])), [1, 2, 3, 4]);
  });

  it('reads sizes of 64 bits', async () => {
    const zip64Records = [data, floats].map((entry) => ({ ...entry, zip64: true }));
    assert.deepEqual(await read(buildZip(zip64Records)), [1, 2, 3, 4]);
  });

  it('never looks at records that it does not need', async () => {
    const hostileRecord = { ...record('../../etc/passwd', 'x'), declared: { crc: 1, flags: 1 } };
    assert.deepEqual(await read(buildZip([data, floats, hostileRecord])), [1, 2, 3, 4]);
  });

  const declared = (fields: ZipRecord['declared'], overrides: Partial<ZipRecord> = {}) =>
    buildZip([data, { ...floats, ...overrides, declared: fields }]);
  const bomb: ZipRecord = { ...floats, bytes: new Uint8Array(1 << 20), deflate: true };
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ['a wrong checksum', declared({ crc: 1 }), /record "x\/data\/0" is damaged: its checksum differs/],
    ['an encrypted record', declared({ flags: 1 }), /record "x\/data\/0" is encrypted/],
    ['an unknown method', declared({ method: 93 }), /zip method 93, which is not supported/],
    [
      'a stored record of two sizes',
      declared({ uncompressedSize: 999 }),
      /is stored in 16 bytes, but is said to have 999/,
    ],
    [
      'a record past the end',
      declared({ uncompressedSize: 99999, compressedSize: 99999 }),
      /record "x\/data\/0" leaves the file/,
    ],
    ['a record of 4 GB without zip64', declared({ uncompressedSize: 0xffffffff }), /lacks its zip64 sizes/],
    [
      'a deflate bomb',
      buildZip([data, { ...bomb, declared: { uncompressedSize: 16 } }]),
      /does not unpack to 16 bytes/,
    ],
    [
      'a deflated record that is too short',
      declared({ uncompressedSize: 40 }, { deflate: true }),
      /unpacks to 16 bytes, but is said to have 40/,
    ],
    [
      'an impossible ratio',
      declared({ uncompressedSize: 1 << 30 }, { deflate: true }),
      /is said to unpack from \d+ to 1073741824 bytes/,
    ],
    ['what does not inflate', declared({ method: 8 }), /does not unpack to 16 bytes/],
    ['overlapping records', buildZip([data, { ...floats, localHeaderOffset: 10 }]), /overlaps another/],
    [
      'a record somewhere else',
      buildZip([data, floats, { ...record('y'), localHeaderOffset: 1e6 }]),
      /"y" leaves the file/,
    ],
    [
      'a name that differs',
      buildZip([data, { ...floats, name: 'x/data/1', nameInDirectory: 'x/data/0' }]),
      /described in two ways/,
    ],
    ['a repeated record', buildZip([data, floats, floats]), /zip record "x\/data\/0" repeats/],
    ['a wrong number of entries', buildZip([data, floats], { entries: 3 }), /has 2 entries, not 3 as it says/],
    ['a directory somewhere else', buildZip([data, floats], { start: 40 }), /zip directory is said to take bytes 40/],
    ['bytes after the archive', Buffer.concat([buildZip([data, floats]), Buffer.alloc(9)]), /it has no zip end record/],
    [
      'bytes before the archive',
      Buffer.concat([Buffer.from('PK\x03\x04'), buildZip([data, floats])]),
      /zip directory is said/,
    ],
    ['no data.pkl', buildZip([floats]), /not a PyTorch checkpoint: a zip file with no data\.pkl/],
    ['a data.pkl in no folder', buildZip([{ ...data, name: 'data.pkl' }]), /with no data\.pkl in a folder/],
    ['two of data.pkl', buildZip([data, floats, { ...data, name: 'y/data.pkl' }]), /with 2 data\.pkl/],
    ['a missing storage', buildZip([data]), /the record "x\/data\/0" is missing/],
    ['an empty data.pkl', buildZip([{ ...data, bytes: new Uint8Array() }]), /the pickle is truncated/],
    [
      'a data.pkl of 17 MB',
      buildZip([{ ...data, bytes: new Uint8Array(17 << 20), deflate: true }]),
      /"x\/data\.pkl" has \d+ bytes, over/,
    ],
    [
      'the other byte order',
      buildZip([data, floats, record('x/byteorder', 'big')]),
      /byte order "big"; only "little" is supported/,
    ],
    ['TorchScript by its constants', buildZip([data, floats, record('x/constants.pkl')]), /is a TorchScript archive/],
    ['TorchScript by its code', buildZip([data, floats, record('x/code/a.py')]), /is a TorchScript archive/],
  ];
  for (const [description, bytes, message] of cases) {
    it(`refuses ${description}`, () => assert.rejects(read(bytes), { code: 'weights_invalid', message }));
  }

  it('refuses an archive with any byte of its directory changed, or reads the same from it', async () => {
    const original = buildZip([data, floats]);
    for (let offset = original.indexOf('PK\x01\x02'); offset < original.length; offset++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const changed = Buffer.from(original);
        changed[offset] = value;
        const outcome = await read(changed).catch((error: Error) => error.name);
        assert.ok(
          outcome === 'WeightsError' || String(outcome) === '1,2,3,4',
          `byte ${offset} as ${value}: ${outcome}`,
        );
      }
    }
  });
});
