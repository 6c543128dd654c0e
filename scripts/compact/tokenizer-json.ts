/** Pieces that the original never matches in text, because its lattice is built from the later ones alone. */
const RESERVED_PIECES = 6;

/**
 * The vocabulary of Universal Sentence Encoder Lite ([piece, score] rows) as a tokenizer.json of Hugging Face's form:
 * NFKC, spaces to U+2581 with one in front, unigram segmentation, neighbouring unknowns merged.
 */
export function buildTokenizerJson(vocabulary: readonly (readonly [string, number])[]): object {
  // Private-use names keep a literal "</s>" in a text from becoming a control symbol.
  const vocab = vocabulary.map(([piece, score], id) =>
    id < RESERVED_PIECES ? [String.fromCodePoint(0xf0000 + id), score] : [piece, score],
  );
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFKC' },
        { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' },
        { type: 'Prepend', prepend: '\u2581' },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'always' },
    model: { type: 'Unigram', unk_id: 0, vocab },
  };
}
