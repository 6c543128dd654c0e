import { elementAt } from '../../util/arrays.ts';
import { bookOfPage, parsePageNumber } from '../identifiers.ts';
import { isReportDue, type ProgressOptions, reportProgress } from '../index-progress.ts';
import { BOOK_IDS, describeCandidates, type IdMatch, matchIdentifiers } from '../match-identifiers.ts';
import type { PageList } from '../page-list/page-list.ts';
import type { PageLabels } from './page-labels.ts';
import { type BookRanges, type Segment, splitIntoSegments } from './page-ranges.ts';

/** The rows of the list by the book in their ids */
type RowsByBook = ReadonlyMap<string, readonly number[]>;

/**
 * Adds the labels of books whose pages are given as ranges of page numbers; the list of pages says which there are. The order
 * is that of the books, and within a book that of the numbers.
 * @param books a string is the problem of a book that could not be read
 * @throws the signal's reason
 */
export async function labelBooks(
  labels: PageLabels,
  books: readonly (BookRanges | string)[],
  list: PageList,
  allowInexactIds: boolean,
  progress: ProgressOptions,
): Promise<void> {
  const bookRows = await groupRowsByBook(list, progress);
  const unknownBooks = books.flatMap((book) =>
    typeof book === 'string' || bookRows.has(book.book) ? [] : [book.book],
  );
  const matches = new Map<string, IdMatch>();
  if (allowInexactIds && unknownBooks.length > 0) {
    await matchIdentifiers(
      unknownBooks,
      () => bookRows.keys(),
      BOOK_IDS,
      progress,
      (index, match) => matches.set(elementAt(unknownBooks, index), match),
    );
  }
  for (const [i, book] of books.entries()) {
    if (isReportDue(i)) await reportProgress(progress, i, 'labels');
    if (typeof book === 'string') labels.addUnmatched({ id: book, reason: 'unknown_type' }, '');
    else labelBook(labels, book, list, bookRows, matches.get(book.book));
  }
}

function labelBook(
  labels: PageLabels,
  { book, ranges, problems }: BookRanges,
  list: PageList,
  bookRows: RowsByBook,
  match: IdMatch | undefined,
): void {
  for (const detail of problems) labels.addUnmatched({ id: book, reason: 'unknown_type', detail }, '');
  const segments = splitIntoSegments(ranges);
  const rows = bookRows.get(match?.candidates[0] ?? book);
  if (match !== undefined && match.count > 1) {
    const explanation = `in ${list.name} the book could be ${describeCandidates(match)}`;
    for (const segment of segments) addSkipped(labels, book, segment, 'ambiguous', explanation);
  } else if (rows === undefined) {
    for (const segment of segments)
      addSkipped(labels, book, segment, 'no_image', `${list.name} has no page of this book`);
  } else {
    const start = labels.length;
    labelPages(labels, book, segments, pagesByNumber(rows, list), list);
    if (match === undefined) return;
    for (const row of labels.rows.slice(start)) if (row >= 0) labels.matchCounts[match.level]++;
  }
}

/** The rows of a book's pages by page number, in ascending order; several rows if the list has the number twice */
type NumberedPages = readonly (readonly [number: number, rows: readonly number[]])[];

function labelPages(
  labels: PageLabels,
  book: string,
  segments: readonly Segment[],
  pages: NumberedPages,
  list: PageList,
): void {
  const absent = `not in ${list.name}`;
  let index = 0;
  for (const segment of segments) {
    let nextNumber = segment.start;
    for (; index < pages.length; index++) {
      const [number, rows] = elementAt(pages, index);
      if (number > segment.end) break;
      if (number < segment.start) continue;
      if (nextNumber < number)
        addSkipped(labels, book, { ...segment, start: nextNumber, end: number - 1 }, 'no_image', absent);
      nextNumber = number + 1;
      const [row, ...otherRows] = rows;
      if (row !== undefined && otherRows.length === 0) {
        // Types that contradict each other become labels of the same page that contradict each other.
        for (const type of segment.types) labels.add(row, type);
      } else {
        const candidates = rows.map((candidate) => elementAt(list.ids, candidate));
        const explanation = `in ${list.name} it could be ${describeCandidates({ count: rows.length, candidates })}`;
        addSkipped(labels, book, { ...segment, start: number, end: number }, 'ambiguous', explanation);
      }
    }
    if (nextNumber <= segment.end) addSkipped(labels, book, { ...segment, start: nextNumber }, 'no_image', absent);
  }
}

function addSkipped(
  labels: PageLabels,
  book: string,
  { start, end, types }: Segment,
  reason: 'ambiguous' | 'no_image',
  explanation: string,
): void {
  const pageLabel = start === end ? `page ${start}` : `pages ${start} to ${end}`;
  const entry = { id: book, detail: `${pageLabel} (${types.join(', ')}): ${explanation}`, pages: end - start + 1 };
  labels.addUnmatched({ ...entry, reason: types.length > 1 ? 'conflict' : reason }, elementAt(types, 0));
}

async function groupRowsByBook({ ids }: PageList, progress: ProgressOptions): Promise<RowsByBook> {
  const groups = new Map<string, number[]>();
  for (const [row, id] of ids.entries()) {
    if (isReportDue(row)) await reportProgress(progress, row, 'labels');
    append(groups, bookOf(id), row);
  }
  return groups;
}

function pagesByNumber(rows: readonly number[], { ids }: PageList): NumberedPages {
  const pages = new Map<number, number[]>();
  for (const row of rows) {
    const id = elementAt(ids, row);
    const number = parsePageNumber(id.slice(bookOf(id).length));
    if (number !== null) append(pages, number, row);
  }
  return [...pages].toSorted(([a], [b]) => a - b);
}

/** The book of a page. A path in one segment, as in names of files, has `_` before its page. */
function bookOf(id: string): string {
  return bookOfPage(id) || id.slice(0, Math.max(0, id.lastIndexOf('_')));
}

function append<Key>(lists: Map<Key, number[]>, key: Key, row: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [row]);
  else list.push(row);
}
