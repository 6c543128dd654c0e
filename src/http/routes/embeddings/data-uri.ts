import { PanelvecError } from '../../../errors.ts';

const PREFIX = /^data:image\/[a-z0-9.+-]+;base64,/i;
const MAX_PREFIX_LENGTH = 64;

/** Decodes a data URI. URLs are not fetched. @throws PanelvecError naming `param` */
export function decodeDataUri(text: string, param: string, maxBytes: number): Buffer {
  const prefix = PREFIX.exec(text.slice(0, MAX_PREFIX_LENGTH))?.[0];
  if (prefix === undefined) {
    throw new PanelvecError('invalid_request', 'expected a data URI: data:image/...;base64,...', { param });
  }
  const bytes = Math.floor(((text.length - prefix.length) * 3) / 4);
  if (bytes > maxBytes + 2) {
    throw new PanelvecError('image_too_large', `the image has ${bytes} bytes, over ${maxBytes}`, { param });
  }
  const decoded = Buffer.from(text.slice(prefix.length), 'base64');
  // Node skips characters that are not base64, so fewer bytes come out than the length says.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (decoded.length < bytes - padding) {
    throw new PanelvecError('invalid_request', 'the data is not base64', { param });
  }
  return decoded;
}
