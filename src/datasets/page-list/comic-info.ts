import { SaxesParser } from 'saxes';
import { decodeText } from '../../util/strict-text.ts';

/** What a ComicInfo.xml says about its book. Source: anansi-project.github.io/docs/comicinfo */
export interface ComicInfo {
  /** The types of pages by the index of the picture, from 0 in the order of the book */
  readonly types: ReadonlyMap<number, string>;
  readonly isRightToLeft: boolean;
}

export const COMIC_INFO_NAME = 'comicinfo.xml';
export const MAX_COMIC_INFO_BYTES = 1 << 23;
/** The type of pages that readers do not show. */
export const DELETED = 'deleted';

/** A page without a type is of the story. */
const DEFAULT_TYPE = 'Story';
const TYPES: Readonly<Record<string, string>> = {
  FrontCover: 'cover',
  InnerCover: 'cover',
  BackCover: 'back_cover',
  Story: 'story',
  Advertisement: 'advertisement',
  Preview: 'advertisement',
  Roundup: 'text',
  Editorial: 'text',
  Letters: 'text',
  Other: 'other',
  Deleted: DELETED,
};
const PAGE_PATH = ['ComicInfo', 'Pages', 'Page'];
const MANGA_PATH = ['ComicInfo', 'Manga'];
const RIGHT_TO_LEFT = 'YesAndRightToLeft';

/** Reads a ComicInfo.xml. Entities of its own are refused, and so cannot expand. @throws Error if it cannot be read */
export function parseComicInfo(bytes: Uint8Array): ComicInfo {
  const parser = new SaxesParser();
  const types = new Map<number, string>();
  const path: string[] = [];
  let manga = '';
  parser.on('opentag', ({ name, attributes }) => {
    path.push(name);
    if (!isAt(path, PAGE_PATH)) return;
    const { Image: image = '', Type: type = DEFAULT_TYPE } = attributes;
    if (!/^\d{1,7}$/.test(image.trim())) throw new Error(`the page "${image}" is no number`);
    const index = Number(image);
    const previous = types.get(index);
    const written = toPageType(type);
    types.set(index, previous === undefined || previous === written ? written : `${previous}, ${written}`);
  });
  parser.on('text', (text) => {
    if (isAt(path, MANGA_PATH)) manga += text;
  });
  parser.on('closetag', () => void path.pop());
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(decodeText(bytes)).close();
  return { types, isRightToLeft: manga.trim() === RIGHT_TO_LEFT };
}

function isAt(path: readonly string[], expected: readonly string[]): boolean {
  return path.length === expected.length && expected.every((name, i) => path[i] === name);
}

/** A page may have several types, separated by blanks. Those that differ make a type of its own, which is not of the story. */
function toPageType(written: string): string {
  const names = written.split(/\s+/).filter((name) => name !== '');
  const types = new Set(names.map((name) => (Object.hasOwn(TYPES, name) ? TYPES[name] : undefined) ?? name));
  if (types.has(DELETED)) return DELETED;
  return [...types].join(', ') || toPageType(DEFAULT_TYPE);
}
