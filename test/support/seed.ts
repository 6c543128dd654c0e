import { randomInt } from 'node:crypto';
import type { TestContext } from 'node:test';

/** Seed of a random test: TEST_SEED or a new one. It is printed, so that a failure can be repeated. */
export function testSeed(t: TestContext): number {
  const { TEST_SEED } = process.env;
  const seed = TEST_SEED === undefined ? randomInt(2 ** 32) : Number(TEST_SEED);
  if (!Number.isInteger(seed)) throw new Error(`TEST_SEED is "${TEST_SEED}", expected a whole number`);
  t.diagnostic(`TEST_SEED=${seed}`);
  return seed;
}
