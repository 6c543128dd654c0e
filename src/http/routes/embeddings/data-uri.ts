import { PanelvecError } from '../../../errors.ts';
import { decodeBase64 } from '../../base64.ts';

/** A media type and its parameters, of which the last is base64. The bytes decide of which format an image is. */
const BASE64_HEADER = /^\s*data:[^,]*;\s*base64\s*$/i;
const SCHEME = /^\s*([a-z][a-z0-9+.-]*):/i;
const MAX_SCHEME_LENGTH = 64;

/** Decodes a data URI. URLs are not fetched. @throws PanelvecError naming `param` */
export function decodeDataUri(text: string, param: string, maxBytes: number): Buffer {
  const comma = text.indexOf(',');
  if (comma < 0 || !BASE64_HEADER.test(text.slice(0, comma))) {
    throw new PanelvecError('invalid_request', `${describeProblem(text)}: send data:image/...;base64,...`, { param });
  }
  // White space makes the text longer than its bytes, but not by the double.
  const maxBase64Length = Math.ceil(maxBytes / 3) * 8;
  const base64 = text.slice(comma + 1);
  const bytes = base64.length > maxBase64Length ? undefined : decodeBase64(base64, param, comma + 1);
  if (bytes !== undefined && bytes.byteLength <= maxBytes) return bytes;
  throw new PanelvecError('image_too_large', `the image has over ${maxBytes} bytes`, { param });
}

function describeProblem(text: string): string {
  const scheme = SCHEME.exec(text.slice(0, MAX_SCHEME_LENGTH))?.[1]?.toLowerCase();
  if (scheme === 'data') return 'the data URI is not base64';
  return scheme === undefined ? 'this is not a data URI' : `${scheme} URLs are not fetched`;
}
