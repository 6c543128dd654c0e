import { isObject } from '../../util/json.ts';
import type { ObjectMembers } from './read-label-members.ts';

/** The page type of each of CoSMo's lists of page ranges. The first page of a story belongs to the story. */
const TYPE_BY_LIST: Readonly<Record<string, string>> = {
  covers: 'cover',
  credits: 'credits',
  stories: 'story',
  advertisements: 'advertisement',
  textstories: 'textstory',
  'first-pages': 'story',
  art: 'art',
  text: 'text',
  back_covers: 'back_cover',
};
const BOOK_KEY = 'hash_code';

/** A range of page numbers, both ends inclusive. */
export interface PageRange {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Consecutive pages of a book that are in the same ranges. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** The types of the ranges, in the order of their start. Several types contradict each other. */
  readonly types: readonly string[];
}

export interface BookRanges {
  readonly book: string;
  readonly ranges: readonly PageRange[];
  /** Descriptions of what could not be read */
  readonly problems: readonly string[];
}

/** Reads the page ranges of a book. Returns a problem as text if the item names no book. */
export function readBookRanges(members: ObjectMembers | null): BookRanges | string {
  if (members === null) return 'no object';
  const names = members.filter(([key]) => key === BOOK_KEY).map(([, value]) => value);
  const [book] = names;
  if (names.length !== 1 || typeof book !== 'string' || book === '') return `expected one ${BOOK_KEY}, a string`;
  const ranges: PageRange[] = [];
  const problems: string[] = [];
  for (const [key, value] of members) {
    const type = Object.hasOwn(TYPE_BY_LIST, key) ? TYPE_BY_LIST[key] : undefined;
    if (type === undefined) {
      if (Array.isArray(value) && value.some(hasPages))
        problems.push(`${JSON.stringify(key)} is no known list of pages`);
    } else if (Array.isArray(value)) {
      for (const [i, range] of value.entries()) {
        if (isRange(range)) ranges.push({ type, start: range.page_start, end: range.page_end });
        else problems.push(`${key}[${i}]: expected whole numbers page_start <= page_end`);
      }
    } else if (value !== null) problems.push(`${key}: expected a list`);
  }
  return { book, ranges, problems };
}

/** Splits overlapping ranges into segments without overlap, in the order of the pages. */
export function splitIntoSegments(ranges: readonly PageRange[]): Segment[] {
  const edges = ranges
    .flatMap(({ type, start, end }) => [
      { page: start, type, step: 1 },
      { page: end + 1, type, step: -1 },
    ])
    .toSorted((a, b) => a.page - b.page);
  const openTypes = new Map<string, number>();
  const segments: Segment[] = [];
  for (const [i, edge] of edges.entries()) {
    const openRanges = (openTypes.get(edge.type) ?? 0) + edge.step;
    if (openRanges === 0) openTypes.delete(edge.type);
    else openTypes.set(edge.type, openRanges);
    const next = edges[i + 1];
    if (next === undefined || next.page === edge.page || openTypes.size === 0) continue;
    const segment = { start: edge.page, end: next.page - 1, types: [...openTypes.keys()] };
    const last = segments.at(-1);
    if (last !== undefined && last.end + 1 === segment.start && sameTypes(last, segment)) {
      segments[segments.length - 1] = { ...last, end: segment.end };
    } else segments.push(segment);
  }
  return segments;
}

function sameTypes(a: Segment, b: Segment): boolean {
  return a.types.length === b.types.length && a.types.every((type, i) => type === b.types[i]);
}

interface WrittenRange {
  readonly page_start: number;
  readonly page_end: number;
}

function hasPages(value: unknown): value is Partial<Record<keyof WrittenRange, unknown>> {
  return isObject(value) && 'page_start' in value;
}

function isRange(value: unknown): value is WrittenRange {
  if (!hasPages(value)) return false;
  const { page_start: start, page_end: end } = value;
  return isPageNumber(start) && isPageNumber(end) && start <= end;
}

function isPageNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
