import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseExpiry } from '../../src/cli/parse-expiry.ts';

const NOW = new Date('2026-06-01T10:00:00Z');

for (const [text, expected] of [
  ['90d', '2026-08-30T10:00:00.000Z'],
  ['12h', '2026-06-01T22:00:00.000Z'],
  ['2026-06-01', '2026-06-02T00:00:00.000Z'],
  ['2028-02-29', '2028-03-01T00:00:00.000Z'],
  ['2026-06-02T10:00+02:00', '2026-06-02T08:00:00.000Z'],
] as const) {
  it(`reads ${text}`, () => assert.equal(parseExpiry(text, NOW).toISOString(), expected));
}

for (const text of [
  '',
  '0d',
  '-1d',
  '90',
  '90 d',
  '2026-05-31',
  '2027-02-30',
  '2027-13-01',
  '31.12.2027',
  '2027-01-01T10:00',
  '2026-06-01T09:00Z',
  '999999d9',
]) {
  it(`refuses "${text}"`, () => assert.throws(() => parseExpiry(text, NOW), /expected 90d|has passed/));
}
