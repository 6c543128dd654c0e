import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { assertItemCount, parse } from '../../src/http/validation.ts';

const schema = z.strictObject({
  input: z.union([z.string(), z.array(z.strictObject({ text: z.string() }))], 'expected a text or a list'),
  size: z.union([z.number(), z.literal('all')]).optional(),
});

describe('parse', () => {
  it('returns the value with its defaults and transforms', () => {
    const flag = z.object({
      flag: z.enum(['true', 'false']).transform((text) => text === 'true'),
      n: z.number().default(3),
    });
    assert.deepEqual(parse(flag, { flag: 'true' }), { flag: true, n: 3 });
  });

  const cases: readonly [string, unknown, string | undefined, RegExp][] = [
    ['a value that is not an object', 7, undefined, /^Invalid input: expected object/],
    ['a missing field', {}, 'input', /^expected a text or a list$/],
    ['an unknown field', { input: 'a', inputs: 'b' }, 'inputs', /^unknown field$/],
    [
      'a field of the alternative that got furthest',
      { input: [{ text: 'a' }, { text: 3 }] },
      'input[1].text',
      /string/,
    ],
    ['an unknown field in a list', { input: [{ text: 'a', colour: 1 }] }, 'input[0].colour', /^unknown field$/],
    [
      'a value of no alternative',
      { input: 'a', size: true },
      'size',
      /^Invalid input: expected number.*; or Invalid input: expected "all"$/,
    ],
  ];
  for (const [name, value, param, message] of cases) {
    it(`names ${name}, and does not repeat it in the message`, () => {
      assert.throws(() => parse(schema, value), { code: 'invalid_request', param, message });
    });
  }
});

it('assertItemCount accepts the limit and refuses more, with both numbers', () => {
  assertItemCount(4, 4, 'input');
  assert.throws(() => assertItemCount(5, 4, 'input'), {
    code: 'too_many_items',
    param: 'input',
    message: '5 items exceed the limit of 4 per request: send several requests',
  });
});
