import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJson } from '../../src/util/parse-json.ts';

describe('JSON', () => {
  it('is parsed', () => {
    assert.deepEqual(parseJson(' {"a": [1, "b: \\" \\u0061"], "c": {"a": null}}'), {
      value: { a: [1, 'b: " a'], c: { a: null } },
      repeatedKey: undefined,
    });
  });

  it('has a key twice', () => {
    assert.equal(parseJson('{"a": 1, "b": "\\"a\\": 2", "a": 2}').repeatedKey, 'a');
    assert.equal(parseJson('[{"x": {"\\u0070anels": 1, "panels": []}}, {"panels": 1}]').repeatedKey, 'panels');
    assert.equal(parseJson('{"a": [{"b": 1}], "a": []}').repeatedKey, 'a');
    assert.equal(parseJson('{"__proto__": 1, "constructor": 2}').repeatedKey, undefined);
  });

  const texts: [text: string, message: RegExp][] = [
    ['', /line 1: the text is empty/],
    ['{"a": 1,\n"b": NaN}', /line 2: NaN is not JSON, though json.dump/],
    ['{"a": -Infinity}', /-Infinity is not JSON/],
    ['{"a": [1,\n 2,\n]}', /line 2: there is a comma after the last element/],
    ['{"a": 1}\n{"a": 2}\n', /line 2: a second value begins, as in JSON Lines/],
    ["{'a': None}", /None is Python/],
    ["{'a': 1}", /single quotes/],
    ['{"a": "it\'s NaN, ]', /line 1: the text ends early/],
    ['{"a": "\'NaN\\", None,]",\n"b": "",\n"c": NaN}', /line 3: NaN is not JSON/],
    ['{"a": [1, 2', /line 1: the text ends early/],
    ['```json\n{}\n```', /Markdown/],
    ['<!DOCTYPE html>', /HTML/],
  ];
  for (const [text, message] of texts) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseJson(text),
        (error) => error instanceof SyntaxError && message.test(error.message),
      );
    });
  }

  it('may be long, or nest deep', { timeout: 5000 }, () => {
    const text = 'a\\"'.repeat(2_000_000);
    assert.deepEqual(parseJson(`{"a": "${text}"}`).repeatedKey, undefined);
    assert.throws(() => parseJson(`{"a": "${text}", NaN`), /NaN is not JSON/);
    assert.equal(parseJson(`${'['.repeat(5000)}{"a": 1, "a": 2}${']'.repeat(5000)}`).repeatedKey, 'a');
  });

  it('is scanned in linear time', { timeout: 5000 }, () => {
    assert.throws(() => parseJson(`[${'"\\"'.repeat(300_000)}`), SyntaxError);
    assert.throws(() => parseJson(`[1,${' '.repeat(1_000_000)}x`), SyntaxError);
    assert.throws(() => parseJson(`[${', '.repeat(300_000)}`), SyntaxError);
  });
});
