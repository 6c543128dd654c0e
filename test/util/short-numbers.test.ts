import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toShortNumber, toShortNumbers } from '../../src/util/short-numbers.ts';
import { seededBytes } from '../support/numeric.ts';
import { testSeed } from '../support/seed.ts';

const SMALLEST = 2 ** -149;
const SMALLEST_NORMAL = 2 ** -126;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** The float32 that a client reads from the JSON of a number. */
function readBack(number: number): number {
  return Math.fround(JSON.parse(JSON.stringify(number)));
}

describe('short numbers', () => {
  it('are the same float32 in JSON, for any bits', (t) => {
    const floats = new Float32Array(Uint8Array.from(seededBytes(4 * 200_000, testSeed(t))).buffer).filter(
      Number.isFinite,
    );
    const readNumbers = Float32Array.from(toShortNumbers(floats), readBack);
    for (const [i, float] of floats.entries()) assert.equal(readNumbers[i], float);
  });

  it('are the same float32 at the ends of the range', () => {
    for (const positive of [
      SMALLEST,
      3 * SMALLEST,
      SMALLEST_NORMAL,
      SMALLEST_NORMAL - SMALLEST,
      LARGEST,
      2 ** 24,
      1e9,
    ]) {
      for (const float of [positive, -positive].map(Math.fround))
        assert.ok(Object.is(readBack(toShortNumber(float)), float), `${float}`);
    }
    assert.ok(Object.is(toShortNumber(-0), -0));
  });

  it('have nine digits at most, and no more than the number needs', () => {
    const vector = Float32Array.of(0.1, -1 / 3, 1.5, 123_456.789, 1e-7, 1e-20, 0);
    assert.equal(JSON.stringify(toShortNumbers(vector)), '[0.1,-0.33333334,1.5,123456.79,1e-7,1e-20,0]');
  });
});
