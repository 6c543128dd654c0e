const NOT_PLAIN = /[^ -~]|^ | $| {2}/;
/**
 * Characters that print nothing and say nothing about words: controls, zero-width spaces, byte order marks, marks of direction,
 * and selectors of a colourful or plain glyph. Left alone are soft hyphens (whether one prints depends on the line) and the
 * zero-width joiner and non-joiner, which change the letters beside them.
 */
const INVISIBLE =
  /(?!\p{White_Space})[\p{Cc}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]|\ufe0e|\ufe0f/gu;
const WHITE_SPACE_RUN = /\p{White_Space}+/gu;

/**
 * A text as tokenizers get it: texts that look the same on one line become the same. Runs of white space, with line breaks,
 * become one blank, invisible characters go, and letters with accents are composed (NFC). Some tokenizers do all of this
 * themselves; others read a line break as an unknown word.
 */
export function normalizeText(text: string): string {
  if (!NOT_PLAIN.test(text)) return text;
  return text.replace(INVISIBLE, '').replace(WHITE_SPACE_RUN, ' ').trim().normalize('NFC');
}
