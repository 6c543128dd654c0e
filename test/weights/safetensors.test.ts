import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { readSafetensors } from '../../src/weights/safetensors-reader.ts';
import { writeSafetensors } from '../../src/weights/safetensors-writer.ts';
import type { Tensor } from '../../src/weights/tensor.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-safetensors-'));
});
after(() => rm(folder, { recursive: true }));

const float32Tensor = (...values: number[]): Tensor => ({
  dtype: 'float32',
  shape: [values.length],
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

/** A file of any header and data. */
async function writeForgedFile(header: unknown, dataBytes: number): Promise<string> {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = path.join(folder, `forged-${Math.abs(text.length * 31 + dataBytes)}.safetensors`);
  await writeFile(file, Buffer.concat([length, text, Buffer.alloc(dataBytes)]));
  return file;
}

describe('safetensors', () => {
  it('reads what it writes, with metadata, and leaves no temporary file', async () => {
    const file = path.join(folder, 'whole.safetensors');
    const empty: Tensor = { dtype: 'int64', shape: [0, 3], bytes: new Uint8Array() };
    const number: Tensor = { dtype: 'uint8', shape: [], bytes: Uint8Array.of(7) };
    await writeSafetensors(
      file,
      new Map([
        ['a', float32Tensor(1, 2)],
        ['empty', empty],
        ['number', number],
      ]),
      { seed: '1' },
    );
    const { tensors, metadata } = await readSafetensors(file);
    assert.deepEqual(metadata, { seed: '1' });
    assert.deepEqual([...tensors.keys()], ['a', 'empty', 'number']);
    assert.deepEqual(tensors.get('a'), float32Tensor(1, 2));
    assert.deepEqual(tensors.get('number'), number);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  it('lets writers of the same file with the same process id not disturb each other', async () => {
    const file = path.join(folder, 'concurrent.safetensors');
    const contents = Array.from({ length: 8 }, (_, i) => float32Tensor(...new Array<number>(10_000 + i).fill(i)));
    await Promise.all(contents.map((tensor) => writeSafetensors(file, new Map([['a', tensor]]))));
    const written = (await readSafetensors(file)).tensors.get('a');
    assert.ok(contents.some((tensor) => isDeepStrictEqual(tensor, written)));
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('concurrent.')),
      ['concurrent.safetensors'],
    );
  });

  it('widens bfloat16, and holds it to two bytes for each element', async () => {
    const file = path.join(folder, 'bfloat16.safetensors');
    const header = { a: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } };
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    await writeFile(file, Buffer.concat([length, text, Buffer.of(0x80, 0x3f, 0x20, 0xc0)]));
    assert.deepEqual((await readSafetensors(file)).tensors.get('a'), float32Tensor(1, -2.5));
    const wrong = await writeForgedFile({ a: { dtype: 'BF16', shape: [2], data_offsets: [0, 8] } }, 8);
    await assert.rejects(readSafetensors(wrong), { code: 'weights_invalid', message: /"a" takes 4 bytes/ });
  });

  it('loads only the tensors that are wanted', async () => {
    const file = path.join(folder, 'some.safetensors');
    await writeSafetensors(
      file,
      new Map([
        ['head.a', float32Tensor(1)],
        ['backbone.b', float32Tensor(2)],
      ]),
    );
    const { tensors } = await readSafetensors(file, (key) => key.startsWith('head.'));
    assert.deepEqual([...tensors.keys()], ['head.a']);
  });

  const entry = (start: number, end: number, shape = [1]) => ({ dtype: 'F32', shape, data_offsets: [start, end] });
  const broken: readonly [string, unknown, number, RegExp][] = [
    ['offsets past the end', { w: entry(0, 8, [2]) }, 4, /"w" ends at byte 8 of 4/],
    ['offsets that do not fit the shape', { w: entry(0, 8) }, 8, /"w" takes 4 bytes, but its offsets hold 8/],
    ['overlapping tensors', { a: entry(0, 4), b: entry(0, 4) }, 4, /"b" begins at byte 0, not at 4/],
    ['a gap between tensors', { a: entry(0, 4), b: entry(8, 12) }, 12, /"b" begins at byte 8, not at 4/],
    ['bytes after the last tensor', { a: entry(0, 4) }, 9, /5 bytes after the last tensor/],
    ['an unknown element type', { w: { ...entry(0, 4), dtype: 'F7' } }, 4, /tensor "w": dtype/],
    ['negative offsets', { w: entry(-4, 0) }, 4, /tensor "w": data_offsets/],
    ['a header that is no JSON', '{"w":', 4, /header is not JSON/],
    ['a header that is a list', '[1]', 0, /header is not an object/],
    ['metadata that is no map', { __metadata__: ['a'] }, 0, /__metadata__ is not a map$/],
    ['metadata that is a text', { __metadata__: 'a' }, 0, /__metadata__ is not a map$/],
  ];
  for (const [description, header, dataBytes, message] of broken) {
    it(`refuses ${description}`, async () => {
      await assert.rejects(readSafetensors(await writeForgedFile(header, dataBytes)), {
        code: 'weights_invalid',
        message,
      });
    });
  }

  it('takes metadata that is null, and values that are no strings as their JSON', async () => {
    const metadataOf = async (metadata: unknown) =>
      (await readSafetensors(await writeForgedFile({ __metadata__: metadata }, 0))).metadata;
    assert.deepEqual(await metadataOf(null), {});
    assert.deepEqual(await metadataOf({ a: null, b: 1, c: { d: [true] }, e: 'text' }), {
      b: '1',
      c: '{"d":[true]}',
      e: 'text',
    });
  });

  it('refuses a file cut at any place', async () => {
    const file = path.join(folder, 'cut.safetensors');
    await writeSafetensors(file, new Map([['a', float32Tensor(1, 2, 3)]]));
    const original = await readFile(file);
    for (let length = 0; length < original.length; length++) {
      await writeFile(file, original.subarray(0, length));
      await assert.rejects(readSafetensors(file), { code: 'weights_invalid' }, `cut to ${length} bytes`);
    }
  });

  it('refuses a missing file by its name', async () => {
    await assert.rejects(readSafetensors(path.join(folder, 'nowhere')), /cannot read .*nowhere/);
  });
});
