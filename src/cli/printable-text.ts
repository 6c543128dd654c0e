/** Control characters, ends of lines, and marks that turn the direction of what follows */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\s]+/gu;

/** A text from a dataset on one line, without characters that a terminal obeys. */
export function printableText(text: string): string {
  return text.replaceAll(UNPRINTABLE, ' ').trim();
}
