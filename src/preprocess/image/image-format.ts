import { PanelvecError } from '../../errors.ts';

/** The formats that are decoded, recognised by the first bytes. */
const ACCEPTED_FORMATS: readonly { readonly format: string; matches(bytes: Uint8Array): boolean }[] = [
  { format: 'jpeg', matches: (bytes) => hasSignature(bytes, 0xff, 0xd8, 0xff) },
  { format: 'png', matches: (bytes) => hasSignature(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) },
  { format: 'webp', matches: (bytes) => readLatin1(bytes, 0, 4) === 'RIFF' && readLatin1(bytes, 8, 12) === 'WEBP' },
];

/** Formats that are recognised only for the error message. */
const REFUSED_FORMATS: readonly { readonly format: string; matches(bytes: Uint8Array): boolean }[] = [
  { format: 'GIF', matches: (bytes) => readLatin1(bytes, 0, 4) === 'GIF8' },
  { format: 'TIFF', matches: (bytes) => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(readLatin1(bytes, 0, 4)) },
  { format: 'BMP', matches: (bytes) => readLatin1(bytes, 0, 2) === 'BM' },
  { format: 'AVIF or HEIF', matches: (bytes) => readLatin1(bytes, 4, 8) === 'ftyp' },
  { format: 'PDF', matches: (bytes) => readLatin1(bytes, 0, 4) === '%PDF' },
  // The first three characters are a byte order mark, read as Latin-1.
  {
    format: 'SVG',
    matches: (bytes) => /^(\u00ef\u00bb\u00bf)?\s*<(\?xml|!--|!DOCTYPE|svg)/i.test(readLatin1(bytes, 0, 256)),
  },
];

/**
 * Refuses other formats by the first bytes, before any decoder sees them: an SVG may name other files, a TIFF may hold anything.
 * @throws PanelvecError unsupported_media_type
 */
export function assertImageFormat(bytes: Uint8Array): void {
  if (ACCEPTED_FORMATS.some(({ matches }) => matches(bytes))) return;
  const refused = REFUSED_FORMATS.find(({ matches }) => matches(bytes))?.format;
  const problem = refused === undefined ? 'these bytes are no image' : `${refused} is not taken`;
  throw new PanelvecError('unsupported_media_type', `${problem}: send JPEG, PNG or WebP`);
}

function hasSignature(bytes: Uint8Array, ...signature: readonly number[]): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

function readLatin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', from, to);
}
