import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readModel } from '../../src/model/model.ts';
import { BUNDLED_MODELS } from '../../src/model/model-folders.ts';
import { limitText, loadTokenizer, type TextTokenizer } from '../../src/preprocess/text-tokenizer.ts';
import {
  bertTokenizer,
  byteLevelTokenizer,
  characterTokenizer,
  plainUnigramTokenizer,
  siglipTokenizer,
  toTextTokenizer,
} from '../support/tokenizers.ts';

/** A tokenizer of a text encoder that needs no special tokens around a text */
const unigramFile = new URL('../fixtures/unigram-tokenizer/tokenizer.json', import.meta.url);
const unigram = toTextTokenizer(JSON.parse(await readFile(unigramFile, 'utf8')), 128);
const compact = await loadTokenizer(await readModel(path.join(BUNDLED_MODELS, 'compact')));

interface RealTokenizer {
  readonly tokenizer: TextTokenizer;
  readonly maxTokens: number;
  /** Tokens that stand around each text */
  readonly specialTokens: number;
  /** Ids that no text has, whatever symbols are written in it */
  readonly reserved: readonly number[];
}

const realTokenizers: Readonly<Record<string, RealTokenizer>> = {
  "compact's WordPiece tokenizer": { tokenizer: compact, maxTokens: 256, specialTokens: 2, reserved: [1, 2, 3, 4, 5] },
  'the Unigram tokenizer of Universal Sentence Encoder Lite': {
    tokenizer: unigram,
    maxTokens: 128,
    specialTokens: 0,
    reserved: [1, 2, 3, 4, 5],
  },
};

for (const [name, { tokenizer, maxTokens, specialTokens, reserved }] of Object.entries(realTokenizers)) {
  describe(name, () => {
    const cats = (count: number) => Array.from({ length: count }, () => 'cat').join(' ');

    it('cuts at the limit and says so', () => {
      const { tokens, truncated } = tokenizer.encode(cats(500));
      assert.equal(tokens.length, maxTokens);
      assert.equal(truncated, true);
      assert.equal(tokenizer.encode('cat').truncated, false);
    });

    it('does not cut a text of exactly the limit', () => {
      const read = [maxTokens - specialTokens, maxTokens - specialTokens + 1].map((count) =>
        tokenizer.encode(cats(count)),
      );
      assert.deepEqual(
        read.map(({ tokens, truncated, length }) => [tokens.length, truncated, length]),
        [
          [maxTokens, false, maxTokens],
          [maxTokens, true, maxTokens + 1],
        ],
      );
    });

    it('gives the same tokens for a megabyte as for its beginning, and says that it was cut', () => {
      const long = tokenizer.encode('the cat sat on the mat '.repeat(50_000));
      assert.deepEqual(long.tokens, tokenizer.encode('the cat sat on the mat '.repeat(60)).tokens);
      assert.equal(long.truncated, true);
      assert.equal(tokenizer.encode('漢'.repeat(100_000)).truncated, true);
    });

    it('limits characters that normalisation expands', () => {
      const { truncated } = tokenizer.encode('\u3316'.repeat(maxTokens * 32));
      assert.equal(truncated, true);
    });

    it('leaves out leading blanks of a text that it cuts', () => {
      const blanks = ' '.repeat(maxTokens * 40);
      assert.notDeepEqual(tokenizer.encode(`${blanks}a cat`).tokens, tokenizer.encode(`${blanks}a dog`).tokens);
    });

    it('reads control symbols in a text as letters', () => {
      const { tokens } = tokenizer.encode('<s> hello </s> extra_token_id_1');
      assert.ok(tokens.every((token) => !reserved.includes(token)));
    });

    it('accepts lone surrogates, emoji and control characters', () => {
      for (const text of ['\ud800', '😀 \u0000 \u200d']) assert.ok(tokenizer.encode(text).tokens.length > 0);
    });
  });
}

it('a prefix has at most as many characters as the limit, also once they are normalised', () => {
  const bounded = limitText('\u3316'.repeat(4096), 4096);
  assert.ok(bounded.length > 100 && bounded.normalize('NFKC').length <= 4096);
});

describe("compact's WordPiece tokenizer, whose vocabulary has letters of many scripts", () => {
  it('does not know a text without a piece that it has', () => {
    for (const text of ['猫', '爆炸了!', '😀', 'แมว', '♪', `${'A'.repeat(101)}!`]) {
      assert.equal(compact.encode(text).isUnknown, true, text);
    }
  });

  it('knows sounds that it spells in pieces, and signs', () => {
    for (const text of ['KABOOM!', 'Zzz', 'AAAAARGH', 'A', '?!', '♥', 'Où est la crème brûlée ?']) {
      const { isUnknown, unknownTokens } = compact.encode(text);
      assert.deepEqual([isUnknown, unknownTokens], [false, 0], text);
    }
  });

  it('spells foreign words letter by letter: they count as known, characters that it lacks do not', () => {
    const expected = { 'Кошка сидит на ящике': 0, ドカン: 0, 猫が好き: 2, 爆発した: 1, 'the 猫': 1 };
    for (const [text, count] of Object.entries(expected)) {
      const { isUnknown, unknownTokens } = compact.encode(text);
      assert.deepEqual([isUnknown, unknownTokens], [false, count], text);
    }
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

const subjects: Readonly<Record<string, TextTokenizer>> = {
  'Universal Sentence Encoder Lite': unigram,
  ...Object.fromEntries(Object.entries(tokenizers).map(([name, json]) => [name, toTextTokenizer(json)])),
};

for (const [name, subject] of Object.entries(subjects)) {
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
