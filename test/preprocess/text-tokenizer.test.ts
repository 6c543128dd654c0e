import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readModel } from '../../src/model/model.ts';
import { BUNDLED_MODELS } from '../../src/model/model-folders.ts';
import { limitText, loadTokenizer } from '../../src/preprocess/text-tokenizer.ts';
import {
  bertTokenizer,
  byteLevelTokenizer,
  characterTokenizer,
  plainUnigramTokenizer,
  siglipTokenizer,
  toTextTokenizer,
} from '../support/tokenizers.ts';

const tokenizer = await loadTokenizer(await readModel(path.join(BUNDLED_MODELS, 'compact')));

describe('the compact tokenizer', () => {
  it('cuts at the limit and says so', () => {
    const words = Array.from({ length: 500 }, () => 'cat').join(' ');
    const { tokens, truncated } = tokenizer.encode(words);
    assert.equal(tokens.length, 128);
    assert.equal(truncated, true);
    assert.equal(tokenizer.encode('cat').truncated, false);
  });

  it('does not cut a text of exactly the limit', () => {
    const words = Array.from({ length: 128 }, () => 'cat').join(' ');
    const { tokens, truncated } = tokenizer.encode(words);
    assert.deepEqual([tokens.length, truncated], [128, false]);
  });

  it('gives the same tokens for a megabyte as for its beginning, and says that it was cut', () => {
    const long = tokenizer.encode('the cat sat on the mat '.repeat(50_000));
    assert.deepEqual(long.tokens, tokenizer.encode('the cat sat on the mat '.repeat(40)).tokens);
    assert.equal(long.truncated, true);
    assert.equal(tokenizer.encode('漢'.repeat(100_000)).truncated, true);
  });

  it('limits characters that normalisation expands', () => {
    const { truncated } = tokenizer.encode('\u3316'.repeat(4096));
    assert.equal(truncated, true);
    const bounded = limitText('\u3316'.repeat(4096), 4096);
    assert.ok(bounded.length > 100 && bounded.normalize('NFKC').length <= 4096);
  });

  it('leaves out leading blanks of a text that it cuts', () => {
    const a = tokenizer.encode(`${' '.repeat(5000)}a cat`);
    const b = tokenizer.encode(`${' '.repeat(5000)}a dog`);
    assert.notDeepEqual(a.tokens, b.tokens);
  });

  it('reads control symbols in a text as letters', () => {
    const reserved = [1, 2, 3, 4, 5];
    const { tokens } = tokenizer.encode('<s> hello </s> extra_token_id_1');
    assert.ok(tokens.every((token) => !reserved.includes(token)));
  });

  it('accepts lone surrogates, emoji and control characters', () => {
    for (const text of ['\ud800', '😀 \u0000 \u200d']) assert.ok(tokenizer.encode(text).tokens.length > 0);
  });
});

const tokenizers = {
  'BERT, uncased': bertTokenizer(),
  'BERT, cased': bertTokenizer({ lowercase: false }),
  'SentencePiece Unigram': siglipTokenizer(),
  'Unigram without a normalizer': plainUnigramTokenizer(),
  'Unigram without an unknown token': plainUnigramTokenizer({ hasUnknownToken: false }),
  'BPE over bytes': byteLevelTokenizer(),
  'BPE over characters with bytes to fall back on': characterTokenizer({ byteFallback: true }),
  'BPE over characters': characterTokenizer({ byteFallback: false }),
};

for (const [name, json] of [['compact', undefined] as const, ...Object.entries(tokenizers)]) {
  const subject = json === undefined ? tokenizer : toTextTokenizer(json);
  const knowsAllBytes = /bytes/.test(name);

  describe(`a text for ${name}`, () => {
    it('has the same tokens whatever its white space is', () => {
      const expected = subject.encode('Who goes there?');
      const texts = [
        'Who\ngoes\nthere?',
        'Who\r\n goes\u00a0there? ',
        '\ufeffWho\u3000goes\tthere?\u200b',
        '\n\nWho goes\u2028there?\n',
      ];
      for (const text of texts) assert.deepEqual(subject.encode(text), expected, JSON.stringify(text));
    });

    it('has the same tokens whether its accents are composed or not', () => {
      assert.deepEqual(subject.encode('cafe\u0301'), subject.encode('caf\u00e9'));
    });

    it('is unknown where the vocabulary has none of its words', () => {
      const texts = ['猫が好き', '爆発した', '爆発した!', '😀', '😀 😀?!', '\u{1F1E6}...'];
      for (const text of texts) assert.equal(subject.encode(text).isUnknown, !knowsAllBytes, text);
    });

    it('is unknown where it has no tokens but special ones', () => {
      for (const text of ['', ' \n', '\u0000\u0007', '\u200b\u2060', '\ufeff']) {
        const { isUnknown, unknownTokens } = subject.encode(text);
        assert.deepEqual([isUnknown, unknownTokens], [true, 0], JSON.stringify(text));
      }
    });

    it('is known where the vocabulary has a word of it, or all of its signs', () => {
      for (const text of ['the cat', '?!', '!!', 'the 猫', '猫 cat'])
        assert.equal(subject.encode(text).isUnknown, false, text);
    });

    it('counts the tokens that are unknown', () => {
      assert.equal(subject.encode('the cat').unknownTokens, 0);
      assert.equal(subject.encode('the 猫 cat').unknownTokens, knowsAllBytes ? 0 : 1);
    });

    it('has the length that it would have without the limit', () => {
      const words = Array.from({ length: 150 }, () => 'cat').join(' ');
      const { length, tokens, truncated } = subject.encode(words);
      assert.ok(
        truncated && tokens.length === subject.maxTokens && length !== undefined && length >= 150,
        `${tokens.length} of ${length}`,
      );
    });

    it('counts as its token ids do', () => {
      for (const text of ['猫が好き', '😀!', '', 'the cat', '?!', '猫 cat']) {
        const { tokens, isUnknown } = subject.encode(text);
        // Without an unknown token, the ids do not tell that something was there.
        if (name !== 'Unigram without an unknown token') assert.equal(subject.knowsNothingOf(tokens), isUnknown, text);
      }
    });
  });
}

it('keeps special tokens when it cuts', () => {
  const { tokens, truncated } = toTextTokenizer(bertTokenizer(), 4).encode('cat cat cat cat cat');
  const { tokens: word } = toTextTokenizer(bertTokenizer()).encode('cat');
  assert.deepEqual([[...tokens], truncated], [[101, ...word.slice(1, 3), 102], true]);
});

it('counts special tokens alone as unknown', () => {
  assert.equal(toTextTokenizer(bertTokenizer()).encode('[MASK] [PAD]').isUnknown, true);
  assert.equal(toTextTokenizer(siglipTokenizer()).encode('</s>').isUnknown, true);
});
