// Identifiers of pages are paths, `book/page` or longer. Those of labels, manifests and panel files come from different
// tools, which disagree about prefixes, case, separators and extensions.

/** Folders that collections were extracted into. Some tools keep them in their ids, others do not. */
const COLLECTION = /^(?:calibrecomics_extracted(?:_\d+)?|amazon)$/;
/** The same in a simplified id. The name of a shop alone could be that of a book. */
const SIMPLIFIED_COLLECTION = /^calibrecomics\/extracted\/(?:\d{8}\/)?(?=.)/;
const IMAGE_EXTENSION = /(?:\.jpg)?\.png$|\.jpe?g$|\.webp$|\.avif$|\.gif$|\.tiff?$/;
const EXTRA_SEPARATORS = /^\/|\/\/|\/$/;
const NON_ASCII = /[^ -~]/;
const ESCAPE = /%[0-9a-f]{2}/i;
/** Whether `simplifyId` has more to do than to replace one character, which it has for few of millions of ids. */
const TO_SIMPLIFY = /\s\s|[^\S ]|^[/ ]|\/[/ ]|[./ ]\/|[./ ]$|^calibrecomics\/extracted\//;

/** Normalises the identifier of a page to what all tools agree on. Segments are separated by /. */
export function normalisePageId(id: string): string {
  // At least two segments stay, even if the first is a collection: the page alone would not say which book it is of.
  return withoutCollection(tidySeparators(id), 2).replace(IMAGE_EXTENSION, '').trimEnd();
}

/**
 * Simplifies a normalised identifier to what is left of it when it becomes the name of a file or a part of a URL: `_` may stand
 * for /, blanks may be %20 or doubled, and Windows drops dots at the end of a name. Numbers stay as they are: page 1 and page 01
 * may be two.
 */
export function simplifyId(normalised: string): string {
  const decoded = ESCAPE.test(normalised) ? decodeEscapes(normalised) : normalised;
  const text = decoded.replaceAll('_', '/');
  if (!TO_SIMPLIFY.test(text)) return text;
  const segments = text.replaceAll(/\s+/g, ' ').split('/');
  const simplified = segments.map((segment) => segment.replace(/^ +|[. ]+$/g, '')).filter((segment) => segment !== '');
  return simplified.join('/').replace(SIMPLIFIED_COLLECTION, '');
}

function decodeEscapes(text: string): string {
  try {
    return decodeURIComponent(text).normalize('NFC').toLowerCase();
  } catch {
    return text;
  }
}

/** Normalises the name of a book. */
export function normaliseBookName(book: string): string {
  return withoutCollection(tidySeparators(book), 1);
}

function tidySeparators(id: string): string {
  const composed = NON_ASCII.test(id) ? id.normalize('NFC') : id;
  const text = composed.trim().toLowerCase().replaceAll('\\', '/');
  if (!EXTRA_SEPARATORS.test(text)) return text;
  return text
    .split('/')
    .filter((segment) => segment !== '')
    .join('/');
}

function withoutCollection(text: string, minSegments: number): string {
  const separator = text.indexOf('/');
  if (separator < 0 || !COLLECTION.test(text.slice(0, separator))) return text;
  const isEnough = minSegments === 1 || text.includes('/', separator + 1);
  return isEnough ? text.slice(separator + 1) : text;
}

/** The part of an identifier before the page's own name; '' if there is none. */
export function bookOfPage(id: string): string {
  return id.slice(0, Math.max(0, lastSeparator(id)));
}

/** The page number: all digits of the page's name together, as CoSMo's annotations count pages. Null if it has no digits. */
export function parsePageNumber(id: string): number | null {
  const name = id.slice(lastSeparator(id) + 1).toLowerCase();
  const digits = name.replace(IMAGE_EXTENSION, '').replace(/\D/g, '');
  const number = Number(digits);
  return digits !== '' && Number.isSafeInteger(number) ? number : null;
}

function lastSeparator(id: string): number {
  return Math.max(id.lastIndexOf('/'), id.lastIndexOf('\\'));
}
