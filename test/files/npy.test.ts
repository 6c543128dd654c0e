import assert from 'node:assert/strict';
import { it } from 'node:test';
import { encodeNpy } from '../../src/files/npy.ts';

it('writes the magic, an aligned header and little-endian rows', () => {
  const bytes = encodeNpy([Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)], 3);
  assert.equal(bytes.toString('latin1', 0, 8), '\x93NUMPY\x01\x00');
  const headerLength = bytes.readUInt16LE(8);
  assert.equal((10 + headerLength) % 64, 0);
  const header = bytes.toString('latin1', 10, 10 + headerLength);
  assert.match(header, /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2, 3\), \} *\n$/);
  const data = bytes.subarray(10 + headerLength);
  assert.deepEqual(
    Array.from({ length: 6 }, (_, i) => data.readFloatLE(4 * i)),
    [1, 2, 3, 4, 5, 6],
  );
});

it('writes an array without rows', () => {
  assert.match(encodeNpy([], 512).toString('latin1'), /'shape': \(0, 512\)/);
});
