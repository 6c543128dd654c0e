import { elementAt } from '../../util/arrays.ts';
import type { ProgressOptions } from '../index-progress.ts';
import { describeCandidates, matchIdentifiers, PAGE_IDS } from '../match-identifiers.ts';
import type { Manifest } from '../page-list/manifest.ts';
import { labelBooks } from './label-book-pages.ts';
import { PageLabels } from './page-labels.ts';
import { type BookRanges, readBookRanges } from './page-ranges.ts';
import { type LabelHandler, readLabelMembers } from './read-label-members.ts';

const MAX_SHOWN_CHARACTERS = 80;

/**
 * Reads a file of page types in any of its three forms, and finds the rows of the manifest that its ids mean.
 * @param allowInexactIds whether an id may match a row whose id is written differently
 * @throws PanelvecError naming the file if it is missing or not JSON of these forms; the signal's reason
 */
export async function readLabels(
  file: string,
  manifest: Manifest,
  allowInexactIds: boolean,
  progress: ProgressOptions = {},
): Promise<PageLabels> {
  const labels = new PageLabels();
  const books: (BookRanges | string)[] = [];
  const handler: LabelHandler = {
    onPage(id, type) {
      const row = manifest.rowById.get(id);
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
  if (books.length > 0) await labelBooks(labels, books, manifest, allowInexactIds, progress);
  else if (allowInexactIds) await matchRemaining(labels, manifest, progress);
  return labels;
}

async function matchRemaining(labels: PageLabels, manifest: Manifest, progress: ProgressOptions): Promise<void> {
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
    () => manifest.ids,
    PAGE_IDS,
    progress,
    (i, match) => {
      const index = elementAt(indexes, i);
      const row = match.count === 1 ? manifest.rowById.get(elementAt(match.candidates, 0)) : undefined;
      if (row !== undefined) return labels.resolve(index, row, match.level);
      const detail = `in the manifest it could be ${describeCandidates(match)}`;
      labels.unmatched[~elementAt(labels.rows, index)] = { id: elementAt(ids, i), reason: 'ambiguous', detail };
    },
  );
}

function preview(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > MAX_SHOWN_CHARACTERS ? `${json.slice(0, MAX_SHOWN_CHARACTERS)}...` : json;
}
