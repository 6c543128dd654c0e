import { Tokenizer } from '@huggingface/tokenizers';
import { makeSeededTokenizer } from '../../src/model-tools/stage3-base/seeded-tokenizer.ts';
import { TextTokenizer } from '../../src/preprocess/text-tokenizer.ts';

const WORDS = ['who', 'goes', 'there', 'what', 'cafe', 'hey', 'i', 'a', '1', 'the', 'cat'];
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz', ...'WTC', ...'?!.,', 'é'];
const MAX_TOKENS = 24;

export function toTextTokenizer(json: object, maxTokens = MAX_TOKENS): TextTokenizer {
  return new TextTokenizer(new Tokenizer(json, {}), maxTokens);
}

interface NormalizerOptions {
  readonly lowercase: boolean;
}

/** WordPiece, as BERT and MiniLM have it; its vocabulary has all of ASCII and no accents. */
export function bertTokenizer({ lowercase }: NormalizerOptions = { lowercase: true }): object {
  const json = makeSeededTokenizer(2000) as { model: { vocab: Record<string, number> } };
  const pieces = lowercase ? [] : [...'WTÉé'].flatMap((letter) => [letter, `##${letter}`]);
  for (const [i, piece] of pieces.entries()) json.model.vocab[piece] = 2000 + i;
  return {
    ...json,
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase,
    },
  };
}

const unigramModel = (special: readonly string[]) => ({
  type: 'Unigram',
  unk_id: special.indexOf('<unk>'),
  vocab: [
    ...special.map((token) => [token, 0]),
    ['▁', -8],
    ...LETTERS.map((letter) => [letter, -7]),
    ...WORDS.map((word) => [`▁${word}`, -3]),
  ],
});

/** SentencePiece Unigram, as T5 and SigLIP have it. */
export function siglipTokenizer(): object {
  return {
    version: '1.0',
    added_tokens: [
      { id: 0, content: '<pad>', special: true },
      { id: 1, content: '</s>', special: true },
      { id: 2, content: '<unk>', special: true },
    ],
    normalizer: { type: 'Precompiled', precompiled_charsmap: '' },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
      pair: [],
      special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
    },
    decoder: null,
    model: unigramModel(['<pad>', '</s>', '<unk>']),
  };
}

/** Unigram without any normalizer, which leaves line breaks to the vocabulary. */
export function plainUnigramTokenizer({ hasUnknownToken = true } = {}): object {
  const model = unigramModel(['<unk>']);
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
    post_processor: null,
    decoder: null,
    model: hasUnknownToken ? model : { ...model, unk_id: null },
  };
}

/** GPT-2's characters for bytes: printable ones stand for themselves, the others for the code points from 256 on. */
function byteCharacters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(isPrintable ? byte : next++);
  });
}

/** BPE over bytes, as GPT-2 and RoBERTa have it: nothing is unknown. */
export function byteLevelTokenizer(): object {
  const characters = byteCharacters();
  const special = ['<s>', '<pad>', '</s>', '<unk>'];
  const vocab = Object.fromEntries([...special, ...characters, 'Ġt', 'Ġg', 'th'].map((token, id) => [token, id]));
  return {
    version: '1.0',
    added_tokens: special.map((content, id) => ({ id, content, special: true })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: { type: 'RobertaProcessing', sep: ['</s>', 2], cls: ['<s>', 0], add_prefix_space: false },
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      vocab,
      merges: [
        ['Ġ', 't'],
        ['Ġ', 'g'],
        ['t', 'h'],
      ],
    },
  };
}

/** BPE over characters, as Llama and Gemma have it, with or without bytes to fall back on. */
export function characterTokenizer({ byteFallback }: { byteFallback: boolean }): object {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  const tokens = ['<unk>', ...(byteFallback ? bytes : []), '▁', ...LETTERS];
  return {
    version: '1.0',
    added_tokens: [{ id: 0, content: '<unk>', special: true }],
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: byteFallback,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [],
    },
  };
}
