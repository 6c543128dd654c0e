/** The special tokens of SigLIP's published vocabulary, from id 0 */
const SPECIAL_TOKENS = ['<pad>', '</s>', '<unk>'];
const END = '</s>';
const LETTERS = [...'etaoinshrdlcumwfgypbvkjxqz'];
const DIGITS = [...'0123456789'];
const PUNCTUATION = '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]';
/** The same for all pieces, so that a text gets as few as it can have */
const SCORE = -10;

/**
 * Content of a tokenizer.json: a SentencePiece tokenizer as SigLIP's, with a vocabulary of a given size. It drops case and
 * punctuation. Its pieces are characters, and pairs and triples of letters.
 */
export function makeSeededLabelTokenizer(vocabulary: number): object {
  const vocab: [string, number][] = SPECIAL_TOKENS.map((token) => [token, 0]);
  for (const piece of labelPieces()) if (vocab.length < vocabulary) vocab.push([piece, SCORE]);
  while (vocab.length < vocabulary) vocab.push([`<unused${vocab.length}>`, 2 * SCORE]);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Lowercase' },
        { type: 'Replace', pattern: { Regex: PUNCTUATION }, content: '' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Strip', strip_left: true, strip_right: true },
      ],
    },
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: END, type_id: 0 } }],
      pair: [],
      special_tokens: { [END]: { id: END, ids: [SPECIAL_TOKENS.indexOf(END)], tokens: [END] } },
    },
    decoder: null,
    model: { type: 'Unigram', unk_id: SPECIAL_TOKENS.indexOf('<unk>'), vocab },
  };
}

/** Single characters come first, so that a vocabulary of a hundred tokens has all letters and digits. */
function* labelPieces(): Generator<string> {
  yield '▁';
  for (const start of ['', '▁']) for (const character of [...LETTERS, ...DIGITS]) yield start + character;
  for (const a of LETTERS) for (const b of LETTERS) yield a + b;
  for (const a of LETTERS) for (const b of LETTERS) for (const c of LETTERS) yield `▁${a}${b}${c}`;
}
