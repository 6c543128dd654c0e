import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalizeText } from '../../src/preprocess/normalize-text.ts';

describe('a normalised text', () => {
  const cases: readonly [what: string, text: string, expected: string][] = [
    ['plain text as it is', "Who goes there? It's me - 42!", "Who goes there? It's me - 42!"],
    ['line breaks of all systems', 'Who\ngoes\r\nthere\rnow\u2028or\u2029never\u0085', 'Who goes there now or never'],
    ['tabs, feeds and blanks of all widths', ' a\tb\v\fc\u00a0d\u3000e\u2009f\u1680g\u202fh  ', 'a b c d e f g h'],
    ['zero-width spaces and byte order marks', '\ufeffWho\u200b goes\u2060 there\ufeff?', 'Who goes there?'],
    ['marks of direction', '\u202aWho\u202c \u2066goes\u2069 \u200ethere\u061c?', 'Who goes there?'],
    ['controls', 'Wh\u0000o \u0007 goes\u001b there?\u009c', 'Who goes there?'],
    ['selectors of glyphs', 'I \u2665\ufe0f you', 'I \u2665 you'],
    ['accents that are characters of their own', 'Cafe\u0301', 'Caf\u00e9'],
    [
      'soft hyphens, joiners and hyphens at ends of lines',
      'gar\u00adbage \u0646\u200c\u0645 gar-\nbage',
      'gar\u00adbage \u0646\u200c\u0645 gar- bage',
    ],
    ['nothing but blanks and controls', ' \n\u0000\u200b\u3000', ''],
  ];
  for (const [what, text, expected] of cases) it(`has ${what}`, () => assert.equal(normalizeText(text), expected));

  it('is its own normalisation', () => {
    for (const [, text] of cases) assert.equal(normalizeText(normalizeText(text)), normalizeText(text));
  });
});
