import type { Tokenizer } from '@huggingface/tokenizers';

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** Pieces of blanks alone: SentencePiece writes a blank as ▁, byte-level vocabularies as Ġ. */
const BLANK = /^[\s▁Ġ]*$/;

/** What a tokenizer's vocabulary knows of the tokens of a text. */
export class TokenVocabulary {
  readonly #tokenizer: Tokenizer;
  readonly #unknownId: number | undefined;
  readonly #specialIds: ReadonlySet<number>;

  /** @param templateIds tokens that the tokenizer puts around each text; not every tokenizer.json marks them as special */
  constructor(tokenizer: Tokenizer, templateIds: readonly number[]) {
    this.#tokenizer = tokenizer;
    this.#unknownId = tokenizer.model?.unk_token_id ?? undefined;
    const addedTokens = [...tokenizer.get_added_tokens_decoder().values()];
    this.#specialIds = new Set([...templateIds, ...addedTokens.filter(({ special }) => special).map(({ id }) => id)]);
  }

  /** The number of tokens that stand for text that the vocabulary lacks. */
  countUnknown(ids: Iterable<number>): number {
    return [...ids].filter((id) => this.#isUnknown(id)).length;
  }

  /**
   * Whether no token stands for a word that the vocabulary knows. Beside unknown tokens, punctuation does not count: with an
   * English vocabulary, all Japanese sentences with an exclamation mark would have one vector. Punctuation alone counts. A
   * vocabulary with bytes to fall back on knows every text.
   */
  knowsNothingOf(ids: Iterable<number | null | undefined>): boolean {
    let [hasUnknown, hasVisible] = [false, false];
    for (const id of ids) {
      if (id == null || this.#isUnknown(id)) hasUnknown = true;
      else if (!this.#specialIds.has(id)) {
        const piece = this.#tokenizer.id_to_token(id);
        if (piece === undefined || LETTER_OR_DIGIT.test(piece)) return false;
        if (!BLANK.test(piece)) hasVisible = true;
      }
    }
    return hasUnknown || !hasVisible;
  }

  #isUnknown(id: number): boolean {
    return id === this.#unknownId;
  }
}
