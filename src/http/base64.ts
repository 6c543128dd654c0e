import { PanelvecError } from '../errors.ts';

/** White space, signs of either alphabet, and the escapes in which a URL may have them */
const STRAY_SIGN = /(?!%(?:2[bf]|3d|0[9acd]|20))[^\w+/=\s-]/i;
const ESCAPE = /%[0-9a-f]{2}/i;
const URL_ESCAPES = /%[0-9a-f]{2}/gi;
const SPACES_BETWEEN_SIGNS = /[\w/-] +[\w/-]/;
/** By chance alone, so many signs are hardly ever without a plus sign. */
const MIN_SIGNS_WITH_PLUS = 512;
const MAX_ASCII_CODE = 0x7f;
const [CODE_OF_SPACE = 0, CODE_OF_PADDING = 0, CODE_OF_PLUS = 0, CODE_OF_MINUS = 0] = Buffer.from(' =+-');

/**
 * Decodes base64 by one rule, whatever its length: the signs of the standard or the URL-safe alphabet, white space anywhere,
 * padding or none. Node's decoder would skip other signs in silence.
 * @param offset where the base64 begins in the field, for errors
 * @throws PanelvecError invalid_request naming `param` and the offset of the sign at fault
 */
export function decodeBase64(text: string, param: string, offset = 0): Buffer {
  const decoded = Buffer.from(text, 'base64');
  // Most texts are as an encoder writes them. For each sign that the decoder skips, a byte is missing.
  const signCount = countSigns(text);
  if (isWhole(signCount, text.length) && decoded.byteLength === Math.floor((signCount * 3) / 4)) return decoded;

  const stray = text.search(STRAY_SIGN);
  if (stray >= 0) throw invalidError(`has ${describeSign(text, stray)} at offset ${offset + stray}`, param);
  const plain = ESCAPE.test(text) ? text.replaceAll(URL_ESCAPES, decodeURIComponent) : text;
  const { signs, padding, signsBeforePadding, hasPlus } = countCharacters(plain);
  const isLikelyForm = signs >= MIN_SIGNS_WITH_PLUS && !hasPlus && SPACES_BETWEEN_SIGNS.test(plain);
  if (isLikelyForm) throw invalidError('has spaces and no plus sign: a form has decoded it', param);
  if (padding > 0 && signsBeforePadding < signs)
    throw invalidError(`has padding before its end, after ${signsBeforePadding} signs`, param);
  if (!isWhole(signs, signs + padding))
    throw invalidError(`has ${signs} signs and ${padding} of padding: it is cut off`, param);
  return Buffer.from(plain, 'base64');
}

interface CharacterCounts {
  readonly signs: number;
  readonly padding: number;
  /** Before the first of the padding */
  readonly signsBeforePadding: number;
  /** Whether it has the sign 62 of either alphabet */
  readonly hasPlus: boolean;
}

/** Counts what is no white space in a text without stray signs. A pattern takes seconds where each second character is a space. */
function countCharacters(text: string): CharacterCounts {
  let signs = 0;
  let padding = 0;
  let signsBeforePadding = 0;
  let hasPlus = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= CODE_OF_SPACE || code > MAX_ASCII_CODE) continue;
    if (code === CODE_OF_PADDING) {
      if (padding++ === 0) signsBeforePadding = signs;
      continue;
    }
    signs++;
    if (code === CODE_OF_PLUS || code === CODE_OF_MINUS) hasPlus = true;
  }
  return { signs, padding, signsBeforePadding, hasPlus };
}

/** The length of a text without the padding at its end. */
function countSigns(text: string): number {
  let end = text.length;
  while (text.charCodeAt(end - 1) === CODE_OF_PADDING) end--;
  return end;
}

/** Whether so many signs make whole bytes, and the padding up to the length of the text is right or left out. */
function isWhole(signCount: number, length: number): boolean {
  const paddingLength = length - signCount;
  return signCount % 4 !== 1 && (paddingLength === 0 || (paddingLength <= 2 && length % 4 === 0));
}

function describeSign(text: string, index: number): string {
  const sign = String.fromCodePoint(text.codePointAt(index) ?? 0);
  return /[\p{L}\p{P}\p{S}\p{N}]/u.test(sign) ? `"${sign}"` : `the character ${sign.codePointAt(0)}`;
}

function invalidError(problem: string, param: string): PanelvecError {
  return new PanelvecError('invalid_request', `the base64 ${problem}`, { param });
}
