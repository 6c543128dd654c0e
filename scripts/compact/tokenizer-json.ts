/** The first pieces never match a text: the original builds its lattice from the later ones alone. */
const RESERVED_PIECES = 6;

/**
 * Builds a tokenizer.json for Hugging Face's tokenizers from the vocabulary of Universal Sentence Encoder Lite
 * ([piece, score] rows): NFKC, spaces become U+2581 with one in front, unigram segmentation, adjacent unknown tokens merged.
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
