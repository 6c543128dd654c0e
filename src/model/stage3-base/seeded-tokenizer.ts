/** Where BERT's published vocabularies have their special tokens. */
const SPECIAL: Readonly<Record<string, number>> = {
  '[PAD]': 0,
  '[UNK]': 100,
  '[CLS]': 101,
  '[SEP]': 102,
  '[MASK]': 103,
};
const LETTERS = 'etaoinshrdlcumwfgypbvkjxqz';

/**
 * A BERT tokenizer for a vocabulary of a given size: letters, pairs and triples of them, digits and signs, each also as the
 * continuation of a word. It makes about as many tokens of a text as a learned one.
 * @returns the content of a tokenizer.json
 */
export function seededTokenizer(vocabulary: number): object {
  const names = Object.keys(SPECIAL);
  const published = vocabulary > SPECIAL['[MASK]']!;
  const vocab = Object.fromEntries(names.map((name, at) => [name, published ? SPECIAL[name]! : at]));
  const taken = new Set(Object.values(vocab));
  const pieces = wordPieces();
  for (let id = 0; id < vocabulary; id++) {
    if (taken.has(id)) continue;
    const piece = pieces.next();
    vocab[piece.done ? `[unused${id}]` : piece.value] = id;
  }
  const token = (content: string) => ({
    id: vocab[content],
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const marker = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const text = { Sequence: { id: 'A', type_id: 0 } };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: names.map(token),
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
      single: [marker('[CLS]'), text, marker('[SEP]')],
      pair: [marker('[CLS]'), text, marker('[SEP]'), { Sequence: { id: 'B', type_id: 1 } }, marker('[SEP]')],
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

/** Single signs first: no text of ASCII is unknown as soon as the vocabulary holds two hundred. */
function* wordPieces(): Generator<string> {
  const signs = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).filter(
    (sign) => !/[A-Z]/.test(sign),
  );
  for (const sign of signs) yield sign;
  for (const sign of signs) yield `##${sign}`;
  for (const mark of ['', '##']) for (const a of LETTERS) for (const b of LETTERS) yield mark + a + b;
  for (const a of LETTERS) for (const b of LETTERS) for (const c of LETTERS) yield `##${a}${b}${c}`;
}
