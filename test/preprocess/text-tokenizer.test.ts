import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import { readModel } from '../../src/model/model.ts';
import { BUNDLED_MODELS } from '../../src/model/model-folders.ts';
import { limitText, loadTokenizer, TextTokenizer } from '../../src/preprocess/text-tokenizer.ts';

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
    for (const text of ['\ud800', '😀 \u0000 \u200d', '\n\t']) assert.ok(tokenizer.encode(text).tokens.length > 0);
  });
});

it('keeps closing special tokens when it cuts', () => {
  const vocab = { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, cat: 3, a: 4, '1': 5 };
  const bert = new Tokenizer(
    {
      version: '1.0',
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'Whitespace' },
      post_processor: {
        type: 'TemplateProcessing',
        single: [
          { SpecialToken: { id: '[CLS]', type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
          { SpecialToken: { id: '[SEP]', type_id: 0 } },
        ],
        pair: [],
        special_tokens: {
          '[CLS]': { id: '[CLS]', ids: [1], tokens: ['[CLS]'] },
          '[SEP]': { id: '[SEP]', ids: [2], tokens: ['[SEP]'] },
        },
      },
      decoder: null,
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab,
      },
    },
    {},
  );
  const { tokens, truncated } = new TextTokenizer(bert, 4).encode('cat cat cat cat cat');
  assert.deepEqual([[...tokens], truncated], [[1, 3, 3, 2], true]);
});
