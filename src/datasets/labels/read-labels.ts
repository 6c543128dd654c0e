import { elementAt } from '../../util/arrays.ts';
import type { ProgressOptions } from '../index-progress.ts';
import { describeCandidates, matchIdentifiers, PAGE_IDS } from '../match-identifiers.ts';
import { DELETED } from '../page-list/comic-info.ts';
import type { PageList } from '../page-list/page-list.ts';
import { labelBooks } from './label-book-pages.ts';
import { PageLabels, UNLABELLED } from './page-labels.ts';
import { type BookRanges, readBookRanges } from './page-ranges.ts';
import { type LabelHandler, readLabelMembers } from './read-label-members.ts';

const MAX_SHOWN_CHARACTERS = 80;

/**
 * Reads a file of page types in any of its three forms, and finds the pages of the list that its ids mean.
 * @param allowInexactIds whether an id may match a page whose id is written differently
 * @throws PanelvecError naming the file if it is missing or not JSON of these forms; the signal's reason
 */
export async function readLabels(
  file: string,
  pages: PageList,
  allowInexactIds: boolean,
  progress: ProgressOptions = {},
): Promise<PageLabels> {
  const labels = new PageLabels();
  const books: (BookRanges | string)[] = [];
  const handler: LabelHandler = {
    onPage(id, type) {
      const row = pages.rowById.get(id);
      if (typeof type !== 'string') labels.addUnmatched({ id, reason: 'unknown_type', detail: preview(type) }, '');
      else if (row === undefined) labels.addUnmatched(id, type);
      else labels.add(row, type);
    },
    onBook(members, index) {
      const ranges = readBookRanges(members);
      books.push(typeof ranges === 'string' ? `[${index}]: ${ranges}` : ranges);
    },
    onProgress: () => progress.onProgress?.(labels.length + books.length, 'labels'),
  };
  await readLabelMembers(file, handler, progress);
  if (books.length > 0) await labelBooks(labels, books, pages, allowInexactIds, progress);
  else if (allowInexactIds) await matchRemaining(labels, pages, progress);
  return labels;
}

async function matchRemaining(labels: PageLabels, pages: PageList, progress: ProgressOptions): Promise<void> {
  const indexes: number[] = [];
  const ids: string[] = [];
  for (const [index, row] of labels.rows.entries()) {
    const unmatched = row < 0 ? elementAt(labels.unmatched, ~row) : undefined;
    if (typeof unmatched !== 'string') continue;
    indexes.push(index);
    ids.push(unmatched);
  }
  if (indexes.length === 0) return;
  await matchIdentifiers(
    ids,
    () => pages.ids,
    PAGE_IDS,
    progress,
    (i, match) => {
      const index = elementAt(indexes, i);
      const row = match.count === 1 ? pages.rowById.get(elementAt(match.candidates, 0)) : undefined;
      if (row !== undefined) return labels.resolve(index, row, match.level);
      const detail = `in ${pages.name} it could be ${describeCandidates(match)}`;
      labels.unmatched[~elementAt(labels.rows, index)] = { id: elementAt(ids, i), reason: 'ambiguous', detail };
    },
  );
}

/** Labels all pages of a list, in its order, where there is no file of labels. What readers do not show is left out. */
export function labelAllPages(pages: PageList): PageLabels {
  const labels = new PageLabels();
  for (const [row, id] of pages.ids.entries()) {
    const type = pages.typeAt(row) ?? UNLABELLED;
    if (type === DELETED) labels.addUnmatched({ id, reason: 'page_type', detail: type }, type);
    else labels.add(row, type);
  }
  return labels;
}

function preview(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > MAX_SHOWN_CHARACTERS ? `${json.slice(0, MAX_SHOWN_CHARACTERS)}...` : json;
}
