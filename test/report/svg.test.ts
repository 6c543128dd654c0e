import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CHARACTER_WIDTH, fitText } from '../../src/report/svg.ts';

it('text that fits stays as it is, and longer text ends in an ellipsis', () => {
  assert.equal(fitText('compact@3', 9 * CHARACTER_WIDTH), 'compact@3');
  assert.equal(fitText('compact@30', 9 * CHARACTER_WIDTH), 'compact@…');
  // Characters beyond 16 bits are not cut in halves.
  assert.equal(fitText('🐱🐱🐱', 2 * CHARACTER_WIDTH), '🐱…');
});
