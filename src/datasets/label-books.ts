import { BOOK_IDS, type Bridged, bridge, describeCandidates } from './bridge.ts';
import { bookOf, pageNumber } from './identifiers.ts';
import type { Manifest } from './manifest.ts';
import type { PageLabels } from './page-labels.ts';
import { type BookRanges, type Segment, segmentsOf } from './page-ranges.ts';
import { isStep, step, type Watch } from './watch.ts';

/** Rows of the manifest by the book that their ids name */
type RowsByBook = ReadonlyMap<string, readonly number[]>;

/**
 * Labels of books whose pages are given as ranges: the manifest says which pages there are. Adds them in the order of the
 * books, pages by number.
 * @param books a string is the problem of one that could not be read
 * @throws the signal's reason
 */
export async function labelBooks(
  labels: PageLabels,
  books: readonly (BookRanges | string)[],
  manifest: Manifest,
  bridged: boolean,
  watch: Watch,
): Promise<void> {
  const rowsOf = await rowsByBook(manifest, watch);
  const open = books.flatMap((book) => (typeof book === 'string' || rowsOf.has(book.book) ? [] : [book.book]));
  const foundOf = new Map<string, Bridged>();
  if (bridged && open.length > 0) {
    await bridge(
      open,
      () => rowsOf.keys(),
      BOOK_IDS,
      watch,
      (at, found) => foundOf.set(open[at]!, found),
    );
  }
  for (const [at, book] of books.entries()) {
    if (isStep(at)) await step(watch, at, 'labels');
    if (typeof book === 'string') labels.addStray({ id: book, reason: 'unknown_type' }, '');
    else labelBook(labels, book, manifest, rowsOf, foundOf.get(book.book));
  }
}

function labelBook(
  labels: PageLabels,
  { book, ranges, problems }: BookRanges,
  manifest: Manifest,
  rowsOf: RowsByBook,
  bridged: Bridged | undefined,
): void {
  for (const detail of problems) labels.addStray({ id: book, reason: 'unknown_type', detail }, '');
  const segments = segmentsOf(ranges);
  const rows = rowsOf.get(bridged?.candidates[0] ?? book);
  if (bridged !== undefined && bridged.count > 1) {
    const why = `in the manifest the book could be ${describeCandidates(bridged)}`;
    for (const segment of segments) skip(labels, book, segment, 'ambiguous', why);
  } else if (rows === undefined) {
    for (const segment of segments) skip(labels, book, segment, 'no_image', 'the manifest has no page of this book');
  } else {
    const before = labels.length;
    labelPages(labels, book, segments, pagesByNumber(rows, manifest), manifest);
    if (bridged === undefined) return;
    for (let at = before; at < labels.length; at++) if (labels.rows[at]! >= 0) labels.bridged[bridged.level]++;
  }
}

/** Pages of a book by number: rows of the manifest, more than one where it has the number twice */
type NumberedPages = readonly (readonly [number: number, rows: readonly number[]])[];

function labelPages(
  labels: PageLabels,
  book: string,
  segments: readonly Segment[],
  pages: NumberedPages,
  { ids }: Manifest,
): void {
  let at = 0;
  for (const segment of segments) {
    while (at < pages.length && pages[at]![0] < segment.start) at++;
    let next = segment.start;
    for (; at < pages.length && pages[at]![0] <= segment.end; at++) {
      const [number, rows] = pages[at]!;
      if (next < number) skip(labels, book, { ...segment, start: next, end: number - 1 }, 'no_image');
      next = number + 1;
      if (rows.length === 1) {
        // Types that contradict each other are labels of the same page that do.
        for (const type of segment.types) labels.add(rows[0]!, type);
      } else {
        const candidates = rows.map((row) => ids[row]!);
        const why = `in the manifest it could be ${describeCandidates({ count: rows.length, candidates })}`;
        skip(labels, book, { ...segment, start: number, end: number }, 'ambiguous', why);
      }
    }
    if (next <= segment.end) skip(labels, book, { ...segment, start: next }, 'no_image');
  }
}

function skip(
  labels: PageLabels,
  book: string,
  { start, end, types }: Segment,
  reason: 'ambiguous' | 'no_image',
  why = 'not in the manifest',
): void {
  const which = start === end ? `page ${start}` : `pages ${start} to ${end}`;
  const entry = { id: book, detail: `${which} (${types.join(', ')}): ${why}`, pages: end - start + 1 };
  labels.addStray({ ...entry, reason: types.length > 1 ? 'conflict' : reason }, types[0]!);
}

async function rowsByBook({ ids }: Manifest, watch: Watch): Promise<RowsByBook> {
  const rowsOf = new Map<string, number[]>();
  for (const [row, id] of ids.entries()) {
    if (isStep(row)) await step(watch, row, 'labels');
    append(rowsOf, bookOf(id), row);
  }
  return rowsOf;
}

function pagesByNumber(rows: readonly number[], { ids }: Manifest): NumberedPages {
  const pages = new Map<number, number[]>();
  for (const row of rows) {
    const number = pageNumber(ids[row]!);
    if (number !== null) append(pages, number, row);
  }
  return [...pages].toSorted(([a], [b]) => a - b);
}

function append<Key>(lists: Map<Key, number[]>, key: Key, row: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [row]);
  else list.push(row);
}
