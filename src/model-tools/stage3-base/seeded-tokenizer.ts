/** Ids of the special tokens in BERT's published vocabularies */
const SPECIAL_TOKENS = Object.entries({ '[PAD]': 0, '[UNK]': 100, '[CLS]': 101, '[SEP]': 102, '[MASK]': 103 });
const MAX_SPECIAL_ID = 103;
const LETTERS = 'etaoinshrdlcumwfgypbvkjxqz';

/**
 * Content of a tokenizer.json: a BERT tokenizer with a vocabulary of a given size. Its tokens are characters, and pairs and
 * triples of letters. A text has about as many tokens as with a trained tokenizer.
 */
export function makeSeededTokenizer(vocabulary: number): object {
  const hasPublishedIds = vocabulary > MAX_SPECIAL_ID;
  const vocab = Object.fromEntries(SPECIAL_TOKENS.map(([name, id], i) => [name, hasPublishedIds ? id : i]));
  const usedIds = new Set(Object.values(vocab));
  const pieces = wordPieces();
  for (let id = 0; id < vocabulary; id++) {
    if (usedIds.has(id)) continue;
    const piece = pieces.next();
    vocab[piece.done ? `[unused${id}]` : piece.value] = id;
  }
  const addedToken = (content: string) => ({
    id: vocab[content],
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const specialToken = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const text = { Sequence: { id: 'A', type_id: 0 } };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map(([name]) => addedToken(name)),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [specialToken('[CLS]'), text, specialToken('[SEP]')],
      pair: [
        specialToken('[CLS]'),
        text,
        specialToken('[SEP]'),
        { Sequence: { id: 'B', type_id: 1 } },
        specialToken('[SEP]'),
      ],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [vocab[id]], tokens: [id] }])),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}

/** Single characters come first, so that a vocabulary of two hundred tokens has all of ASCII. */
function* wordPieces(): Generator<string> {
  const characters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter(
    (character) => !/[A-Z]/.test(character),
  );
  for (const character of characters) yield character;
  for (const character of characters) yield `##${character}`;
  for (const prefix of ['', '##']) for (const a of LETTERS) for (const b of LETTERS) yield prefix + a + b;
  for (const a of LETTERS) for (const b of LETTERS) for (const c of LETTERS) yield `##${a}${b}${c}`;
}
