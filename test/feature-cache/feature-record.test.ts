import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { decodeRecord, encodeRecord } from '../../src/feature-cache/feature-record.ts';

const KEY = Buffer.alloc(32, 7);
const FEATURES = Float32Array.of(1, -0, 3.5e-39, 3.4e38);

describe('a record', () => {
  const record = encodeRecord(KEY, FEATURES)!;

  it('has magic, version, length and checksum before little-endian elements', () => {
    assert.equal(record.length, 12 + 16);
    assert.deepEqual([...record.subarray(0, 8)], [...Buffer.from('pvf'), 1, 4, 0, 0, 0]);
    assert.equal(record.readFloatLE(12), 1);
    assert.equal(record.readUInt32LE(8), crc32(Buffer.concat([KEY, record.subarray(12)])));
  });

  it('decodes to an aligned copy of the vector, wherever either is in memory', () => {
    const shifted = Buffer.concat([Buffer.alloc(3), record]).subarray(3);
    const decoded = decodeRecord(KEY, shifted, 4)!;
    assert.deepEqual(decoded, FEATURES);
    assert.ok(Object.is(decoded[1], -0));
    shifted.fill(0);
    assert.deepEqual(decoded, FEATURES);
    const subarray = Float32Array.of(9, ...FEATURES, 9).subarray(1, 5);
    assert.deepEqual(encodeRecord(KEY, subarray), record);
    assert.deepEqual(decodeRecord(KEY, encodeRecord(KEY, new Float32Array())!, 0), new Float32Array());
  });

  it('does not decode with any of its bytes changed', () => {
    for (let offset = 0; offset < record.length; offset++) {
      const damaged = Buffer.from(record);
      damaged[offset]! ^= 1;
      assert.equal(decodeRecord(KEY, damaged, 4), undefined, `byte ${offset}`);
    }
  });

  it('does not decode if it is cut short, too long, of another width, or under another key', () => {
    for (let end = 0; end < record.length; end++)
      assert.equal(decodeRecord(KEY, record.subarray(0, end), 4), undefined);
    assert.equal(decodeRecord(KEY, Buffer.concat([record, Buffer.alloc(4)]), 4), undefined);
    for (const width of [0, 3, 5]) assert.equal(decodeRecord(KEY, record, width), undefined);
    assert.equal(decodeRecord(Buffer.alloc(32, 8), record, 4), undefined);
  });

  it('is not encoded from a vector that is not finite', () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      assert.equal(encodeRecord(KEY, Float32Array.of(1, 2, value)), undefined);
    }
  });
});
