import assert from 'node:assert/strict';
import { it } from 'node:test';
import { float16ToFloat32, float32ToFloat16 } from '../../src/graph/float16.ts';

const toFloat32Array = (bytes: Uint8Array) => new Float32Array(bytes.buffer);

it('widens and narrows every half-precision number to itself', () => {
  const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
  const widened = toFloat32Array(float16ToFloat32(new Uint8Array(all.buffer)));
  const roundTrip = new Uint16Array(float32ToFloat16(widened).buffer);
  for (let bits = 0; bits < 65_536; bits++) {
    if (Number.isNaN(widened[bits])) assert.ok((roundTrip[bits]! & 0x7fff) > 0x7c00);
    else assert.equal(roundTrip[bits], bits);
  }
});

it('rounds as Math.f16round would: to nearest, ties to even', () => {
  const samples = [
    1 + 2 ** -11,
    1 + 3 * 2 ** -11,
    1 + 2 ** -11 + 2 ** -20,
    65_519.9,
    65_520,
    2 ** -25,
    2 ** -25 * 1.01,
    3 * 2 ** -26,
    1e-9,
    -0,
    2047.5,
  ];
  const expected = [1, 1 + 2 ** -9, 1 + 2 ** -10, 65_504, Number.POSITIVE_INFINITY, 0, 2 ** -24, 2 ** -24, 0, -0, 2048];
  const rounded = toFloat32Array(float16ToFloat32(float32ToFloat16(Float32Array.from(samples))));
  assert.deepEqual([...rounded], expected);
});

it('widens bytes that begin anywhere in a buffer', () => {
  const bytes = new Uint8Array([0, ...float32ToFloat16(Float32Array.of(0.5, -2))]).subarray(1);
  assert.deepEqual([...toFloat32Array(float16ToFloat32(bytes))], [0.5, -2]);
});
