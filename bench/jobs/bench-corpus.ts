import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Of a job's spec, in the one form that is written here. */
export interface Corpus {
  readonly dataset: {
    readonly manifest: string;
    readonly pss_labels: string;
    readonly panels: { readonly format: 'vlm'; readonly root: string };
  };
  readonly pages: number;
  /** Folders that the service must be allowed to read */
  readonly roots: readonly string[];
}

/** One page of a corpus: where its picture is, and its panel file. */
export interface CorpusPage {
  readonly image: string;
  readonly panels: object;
}

const PAGES_PER_BOOK = 100;

/** A dataset of so many narrative pages in an empty folder. */
export function writeCorpus(
  folder: string,
  pages: number,
  pageOf: (number: number) => CorpusPage,
  imageFolder: string,
): Corpus {
  const files = {
    manifest: path.join(folder, 'manifest.csv'),
    pss_labels: path.join(folder, 'pss_labels.json'),
    root: path.join(folder, 'vlm'),
  };
  const rows = ['canonical_id,absolute_image_path'];
  const labels: Record<string, string> = {};
  for (let number = 0; number < pages; number++) {
    const id = `Book ${Math.floor(number / PAGES_PER_BOOK)}/page_${String(number % PAGES_PER_BOOK).padStart(3, '0')}`;
    const { image, panels } = pageOf(number);
    const file = path.join(files.root, `${id}.json`);
    if (number % PAGES_PER_BOOK === 0) mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(panels));
    rows.push(`${id},${image}`);
    labels[id] = 'narrative';
  }
  writeFileSync(files.manifest, `${rows.join('\n')}\n`);
  writeFileSync(files.pss_labels, JSON.stringify(labels));
  const { manifest, pss_labels, root } = files;
  return { dataset: { manifest, pss_labels, panels: { format: 'vlm', root } }, pages, roots: [folder, imageFolder] };
}
