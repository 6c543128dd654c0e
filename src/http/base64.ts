import { PanelvecError } from '../errors.ts';

/** White space, signs of either alphabet, and the escapes in which a URL may have them */
const STRAY_SIGN = /(?!%(?:2[bf]|3d|0[9acd]|20))[^\w+/=\s-]/i;
const ESCAPE = /%[0-9a-f]{2}/i;
const URL_ESCAPES = /%[0-9a-f]{2}/gi;
const SPACES_BETWEEN_SIGNS = /[\w/-] +[\w/-]/;
/** By chance alone, so many signs are hardly ever without a plus sign. */
const MIN_SIGNS_WITH_PLUS = 512;

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
  const signs = plain.replaceAll(/\s+/g, '');
  const isLikelyForm = signs.length >= MIN_SIGNS_WITH_PLUS && !/[+-]/.test(signs) && SPACES_BETWEEN_SIGNS.test(plain);
  if (isLikelyForm) throw invalidError('has spaces and no plus sign: a form has decoded it', param);
  const count = countSigns(signs);
  const inner = signs.slice(0, count).indexOf('=');
  if (inner >= 0) throw invalidError(`has padding before its end, after ${inner} signs`, param);
  if (!isWhole(count, signs.length)) {
    throw invalidError(`has ${count} signs and ${signs.length - count} of padding: it is cut off`, param);
  }
  return Buffer.from(signs, 'base64');
}

/** The length of a text without the padding at its end. */
function countSigns(text: string): number {
  let end = text.length;
  while (text[end - 1] === '=') end--;
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
