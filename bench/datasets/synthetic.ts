import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface SyntheticSize {
  readonly books: number;
  readonly pagesPerBook: number;
  /** Panel files, of the first pages */
  readonly panelFiles: number;
}

export interface SyntheticFiles {
  readonly manifest: string;
  readonly labels: string;
  readonly panels: string;
}

/** Every so many pages one is no page of the story. */
const OTHER_EVERY = 5;
const OTHER_TYPES = ['cover', 'advertisement', 'credits'] as const;
const PANELS = JSON.stringify({ overall_summary: '', panels: [{ panel_number: 1, box_2d: [20, 30, 480, 490] }] });

/** A manifest and flat labels as large collections have them, with panel files of as many of their narrative pages. */
export async function writeSynthetic(folder: string, size: SyntheticSize): Promise<SyntheticFiles> {
  const files = {
    manifest: path.join(folder, 'manifest.csv'),
    labels: path.join(folder, 'pss_labels.json'),
    panels: path.join(folder, 'vlm'),
  };
  const [manifest, labels] = [createWriteStream(files.manifest), createWriteStream(files.labels)];
  await mkdir(files.panels);
  manifest.write('canonical_id,absolute_image_path\n');
  labels.write('{');
  let left = size.panelFiles;
  for (let book = 0; book < size.books; book++) {
    const pages = pagesOf(book, size.pagesPerBook);
    await write(manifest, pages.map(({ id }) => `${id},/mnt/collection/comics/${id}\n`).join(''));
    const members = pages.map(({ id, type }) => `${JSON.stringify(id)}: ${JSON.stringify(type)}`);
    await write(labels, `${book === 0 ? '' : ',\n'}${members.join(',\n')}`);
    const withPanels = pages.filter(({ type }) => type === 'narrative').slice(0, left);
    left -= withPanels.length;
    if (withPanels.length > 0) await mkdir(path.dirname(path.join(files.panels, pages[0]!.id)), { recursive: true });
    await Promise.all(withPanels.map(({ id }) => writeFile(path.join(files.panels, `${id}.json`), PANELS)));
  }
  labels.write('}\n');
  for (const stream of [manifest, labels]) {
    stream.end();
    await once(stream, 'close');
  }
  return files;
}

function pagesOf(book: number, count: number): { id: string; type: string }[] {
  const name = `The Amazing Adventures of Captain ${book} - Volume ${book % 50} (${1930 + (book % 90)}) (Digital)`;
  return Array.from({ length: count }, (_, page) => ({
    id: `CalibreComics_extracted/${name}/page_${String(page).padStart(3, '0')}.jpg`,
    type: page % OTHER_EVERY === 0 ? OTHER_TYPES[(book + page) % OTHER_TYPES.length]! : 'narrative',
  }));
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}
