import { bridge, describeCandidates, PAGE_IDS } from './bridge.ts';
import { labelBooks } from './label-books.ts';
import { type LabelSink, readLabelMembers } from './label-members.ts';
import type { Manifest } from './manifest.ts';
import { PageLabels } from './page-labels.ts';
import { type BookRanges, readBookRanges } from './page-ranges.ts';
import type { Watch } from './watch.ts';

const SHOWN_CHARACTERS = 80;

/**
 * What a file of page types says, whichever of the three forms it has, with the rows of the manifest that its ids mean.
 * @param bridged whether an id that the manifest lacks may mean one that is written differently
 * @throws PanelvecError naming the file where it is missing or no JSON of these forms; the signal's reason
 */
export async function readLabels(
  file: string,
  manifest: Manifest,
  bridged: boolean,
  watch: Watch = {},
): Promise<PageLabels> {
  const labels = new PageLabels();
  const books: (BookRanges | string)[] = [];
  const sink: LabelSink = {
    page(id, type) {
      const row = manifest.rowOf.get(id);
      if (typeof type !== 'string') labels.addStray({ id, reason: 'unknown_type', detail: shown(type) }, '');
      else if (row === undefined) labels.addStray(id, type);
      else labels.add(row, type);
    },
    book(members, at) {
      const read = readBookRanges(members);
      books.push(typeof read === 'string' ? `[${at}]: ${read}` : read);
    },
    progress: () => watch.onProgress?.(labels.length + books.length, 'labels'),
  };
  await readLabelMembers(file, sink, watch);
  if (books.length > 0) await labelBooks(labels, books, manifest, bridged, watch);
  else if (bridged) await bridgeStrays(labels, manifest, watch);
  return labels;
}

async function bridgeStrays(labels: PageLabels, manifest: Manifest, watch: Watch): Promise<void> {
  const open: number[] = [];
  const ids: string[] = [];
  for (const [at, row] of labels.rows.entries()) {
    const stray = row < 0 ? labels.strays[~row]! : undefined;
    if (typeof stray !== 'string') continue;
    open.push(at);
    ids.push(stray);
  }
  if (open.length === 0) return;
  await bridge(
    ids,
    () => manifest.ids,
    PAGE_IDS,
    watch,
    (place, bridged) => {
      const at = open[place]!;
      if (bridged.count === 1) return labels.settle(at, manifest.rowOf.get(bridged.candidates[0]!)!, bridged.level);
      const detail = `in the manifest it could be ${describeCandidates(bridged)}`;
      labels.strays[~labels.rows[at]!] = { id: ids[place]!, reason: 'ambiguous', detail };
    },
  );
}

function shown(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > SHOWN_CHARACTERS ? `${json.slice(0, SHOWN_CHARACTERS)}...` : json;
}
