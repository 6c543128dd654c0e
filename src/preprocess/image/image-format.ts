import { PanelvecError } from '../../errors.ts';

/** Formats that only datasets can ask for: in a request their decoders would be open to anybody. */
export const OPTIONAL_IMAGE_FORMATS = ['gif', 'tiff'] as const;
export type OptionalImageFormat = (typeof OPTIONAL_IMAGE_FORMATS)[number];
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | OptionalImageFormat;

type Matcher = (bytes: Uint8Array) => boolean;

/** The formats that are decoded, recognised by the first bytes. */
const FORMATS: readonly { readonly format: ImageFormat; readonly matches: Matcher }[] = [
  { format: 'jpeg', matches: startsWith('\xff\xd8\xff') },
  { format: 'png', matches: startsWith('\x89PNG\r\n\x1a\n') },
  { format: 'webp', matches: (bytes) => readLatin1(bytes, 0, 4) === 'RIFF' && readLatin1(bytes, 8, 12) === 'WEBP' },
  { format: 'avif', matches: (bytes) => readBrands(bytes).some((brand) => brand === 'avif' || brand === 'avis') },
  { format: 'gif', matches: startsWith('GIF8') },
  { format: 'tiff', matches: startsWith('II*\0', 'MM\0*', 'II+\0', 'MM\0+') },
];

/** What people send in place of an image, for the error message. */
const OTHER_CONTENT: readonly { readonly problem: string; readonly matches: Matcher }[] = [
  {
    problem: 'this is a Git LFS pointer, not the image: run "git lfs pull"',
    matches: startsWith('version https://git-lfs'),
  },
  { problem: 'this is an HTML page, which a server may have sent in place of the image', matches: isMarkup('html') },
  { problem: 'SVG is not taken', matches: isMarkup('svg') },
  { problem: 'this is an XML document', matches: isMarkup('') },
  { problem: 'this is a JSON document', matches: (bytes) => /^[^!-~]*[[{]\s*["{[]/.test(readLatin1(bytes, 0, 64)) },
  {
    problem: 'this is an image as base64 text: decode it first',
    matches: startsWith('/9j/', 'iVBORw0KGgo', 'UklGR', 'data:image/'),
  },
  { problem: 'HEIF is not taken', matches: (bytes) => readLatin1(bytes, 4, 8) === 'ftyp' },
  { problem: 'BMP is not taken', matches: startsWith('BM') },
  { problem: 'JPEG XL is not taken', matches: startsWith('\xff\x0a', '\0\0\0\x0cJXL ') },
  { problem: 'JPEG 2000 is not taken', matches: startsWith('\xff\x4f\xff\x51', '\0\0\0\x0cjP  ') },
  { problem: 'a Photoshop file is not taken', matches: startsWith('8BPS') },
  { problem: 'PDF is not taken', matches: startsWith('%PDF') },
  { problem: 'this is an archive', matches: startsWith('PK\x03\x04', 'Rar!', '7z\xbc\xaf', '\x1f\x8b') },
  {
    problem: 'the file begins with zeros: it was not written completely',
    matches: (bytes) => bytes.length >= 16 && bytes.subarray(0, 4096).every((byte) => byte === 0),
  },
];

/**
 * Tells the format by the first bytes, and refuses others before any decoder sees them: an SVG may name other files, a TIFF may
 * hold anything.
 * @throws PanelvecError unsupported_media_type
 */
export function detectImageFormat(bytes: Uint8Array, optional: readonly OptionalImageFormat[] = []): ImageFormat {
  const format = FORMATS.find(({ matches }) => matches(bytes))?.format;
  if (format === undefined) {
    const problem = OTHER_CONTENT.find(({ matches }) => matches(bytes))?.problem ?? 'these bytes are no image';
    throw new PanelvecError('unsupported_media_type', `${problem}: send JPEG, PNG, WebP or AVIF`);
  }
  if ((format === 'gif' || format === 'tiff') && !optional.includes(format)) {
    const message = `${format.toUpperCase()} is not taken: send JPEG, PNG, WebP or AVIF; a dataset can list it in images.formats`;
    throw new PanelvecError('unsupported_media_type', message);
  }
  return format;
}

/** Whether bytes are an image, even if of a format that is not taken. */
export function isImage(bytes: Uint8Array): boolean {
  return FORMATS.some(({ matches }) => matches(bytes));
}

/** The brands of an ISO base media file: the major one, and those that it is compatible with. */
function readBrands(bytes: Uint8Array): string[] {
  if (readLatin1(bytes, 4, 8) !== 'ftyp') return [];
  const size = Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32BE();
  const brands = readLatin1(bytes, 8, Math.min(size, MAX_BRANDS_BYTES)).match(/.{4}/gs) ?? [];
  // The second word is a version.
  return brands.filter((_, i) => i !== 1);
}

const MAX_BRANDS_BYTES = 256;

function startsWith(...signatures: readonly string[]): Matcher {
  return (bytes) => signatures.some((signature) => readLatin1(bytes, 0, signature.length) === signature);
}

/** Whether a text begins with a tag and soon has the element, after a byte order mark read as Latin-1. */
function isMarkup(element: string): Matcher {
  return (bytes) => {
    const beginning = readLatin1(bytes, 0, 1024).replace(/^\u00ef\u00bb\u00bf/, '');
    return /^\s*<[?!a-z]/i.test(beginning) && new RegExp(`<(!doctype\\s+)?${element}`, 'i').test(beginning);
  };
}

function readLatin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', from, to);
}
