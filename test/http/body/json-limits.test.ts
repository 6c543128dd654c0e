import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertJsonLimits } from '../../../src/http/body/json-limits.ts';

describe('assertJsonLimits', () => {
  it('counts values and levels, but nothing inside strings', () => {
    assertJsonLimits('{"a":[1,2,3],"b":"[[[[,,,,]]]]\\"[[","c":"\\\\"}', 5);
    assertJsonLimits('["[",",",",",","]', 4);
    assert.throws(() => assertJsonLimits('[1,2,3,4]', 3), { code: 'too_many_items' });
    assert.throws(() => assertJsonLimits('["\\\\",2,3,4]', 3), { code: 'too_many_items' });
  });

  it('refuses more than 32 levels', () => {
    assertJsonLimits('['.repeat(32) + ']'.repeat(32), 100);
    assert.throws(() => assertJsonLimits('['.repeat(33), 100), { code: 'invalid_json', message: /32 levels/ });
  });

  it('stops early in text that is not JSON', () => {
    assert.throws(() => assertJsonLimits('[]'.repeat(1000), 100), { code: 'too_many_items' });
    assert.throws(() => assertJsonLimits('""'.repeat(1000), 100), { code: 'too_many_items' });
  });

  it('leaves invalid JSON to the parser', () => {
    for (const text of ['', '"never ends', ']]]', '{"a"']) assertJsonLimits(text, 3);
  });
});
