import { isUtf8 } from 'node:buffer';

/** Bytes that are no text in their encoding. */
export class TextDecodeError extends Error {
  /** Offset of the first byte at fault; undefined where the decoder does not tell it */
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.name = 'TextDecodeError';
    this.offset = offset;
  }
}

/**
 * Decodes UTF-8, or UTF-16 that begins with a byte order mark, strictly: text in another encoding would otherwise become
 * other text in silence. The byte order mark is no part of the result. @throws TextDecodeError
 */
export function decodeText(bytes: Uint8Array): string {
  const utf16Encoding = detectUtf16(bytes);
  if (utf16Encoding !== undefined) return decodeUtf16(bytes, utf16Encoding);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  if (!isUtf8(bytes)) {
    const offset = findInvalidByte(buffer, text);
    const byte = buffer[offset]?.toString(16).padStart(2, '0');
    throw new TextDecodeError(`byte ${offset} (0x${byte}) is not UTF-8`, offset);
  }
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function detectUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

function decodeUtf16(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new TextDecodeError(`the bytes begin as ${encoding.toUpperCase()} but are not`);
  }
}

/** The offset of the first byte that became a replacement character without being one. */
function findInvalidByte(bytes: Buffer, text: string): number {
  let offset = 0;
  let textOffset = 0;
  for (let i = text.indexOf('\ufffd'); i >= 0; i = text.indexOf('\ufffd', i + 1)) {
    offset += Buffer.byteLength(text.slice(textOffset, i));
    const isWritten = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (!isWritten) return offset;
    textOffset = i;
  }
  return offset;
}
