import assert from 'node:assert/strict';
import { it } from 'node:test';
import { allowedBytes } from '../../src/inference/engine-memory.ts';

const MIB = 2 ** 20;

it('an engine may have four times of what it takes at first, and at least a gigabyte more', () => {
  assert.equal(allowedBytes('auto', 500 * MIB), 2000 * MIB);
  assert.equal(allowedBytes('auto', 100 * MIB), 1124 * MIB);
});

it('an engine may have what is set, and at least half as much again as it takes at first', () => {
  assert.equal(allowedBytes(1000 * MIB, 500 * MIB), 1000 * MIB);
  assert.equal(allowedBytes(600 * MIB, 500 * MIB), 750 * MIB);
});

it('an engine may have all memory if the bound is 0', () => {
  assert.equal(allowedBytes(0, 500 * MIB), Number.POSITIVE_INFINITY);
});
