import assert from 'node:assert/strict';
import { it } from 'node:test';
import { featureKey } from '../../src/feature-cache/feature-key.ts';

it('a key is the same for equal inputs, wherever their bytes are in memory', () => {
  const bytes = Buffer.from('xxpixelsxx');
  const key = featureKey('encoder', ['page', 1.5, bytes.subarray(2, 8)]);
  assert.equal(key.length, 32);
  assert.deepEqual(key, featureKey('encoder', ['page', 1.5, Uint8Array.from(Buffer.from('pixels'))]));
  // Kept keys must be found again by every later version.
  assert.equal(key.toString('hex'), '8e08176ce1a9bed0430be70657c09382a5c3f8f15fb5e63f06ccba140ce62e57');
});

it('a key differs where anything differs', () => {
  const cases: [string, (string | number | Uint8Array)[]][] = [
    ['e', []],
    ['e', ['']],
    ['e', ['', '']],
    ['', ['e']],
    ['e', ['ab', 'c']],
    ['e', ['a', 'bc']],
    ['e', ['abc']],
    ['e', ['c', 'ab']],
    ['ea', ['bc']],
    ['e', [1]],
    ['e', ['1']],
    ['e', [1, 1]],
    ['e', [0]],
    ['e', [-0]],
    ['e', [Number.NaN]],
    ['e', [Buffer.from('abc', 'utf16le')]],
    ['e', [Buffer.from('abc')]],
    ['e', [Buffer.alloc(8)]],
    ['e', ['\ud800']],
    ['e', ['\ud801']],
    ['e', ['\ufffd']],
  ];
  const keys = cases.map(([encoder, inputs]) => featureKey(encoder, inputs).toString('hex'));
  assert.equal(new Set(keys).size, cases.length);
});
