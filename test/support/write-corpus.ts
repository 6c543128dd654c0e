import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The dataset of a job's spec, in the one form that is written here. */
export interface CorpusDataset {
  readonly manifest: string;
  readonly pss_labels: string;
  readonly panels: { readonly format: 'vlm'; readonly root: string };
}

export interface CorpusPage {
  /** Path of its picture, absolute or relative to the folder of the corpus */
  readonly image: string;
  /** Content of its panel file */
  readonly panels: object;
}

const PAGES_PER_BOOK = 100;

/** Writes manifest, labels and panel files of narrative pages into a folder. @param makePage is called in page order */
export async function writeCorpus(
  folder: string,
  pages: number,
  makePage: (page: number) => CorpusPage,
  pagesPerBook = PAGES_PER_BOOK,
): Promise<CorpusDataset> {
  const dataset: CorpusDataset = {
    manifest: path.join(folder, 'manifest.csv'),
    pss_labels: path.join(folder, 'pss_labels.json'),
    panels: { format: 'vlm', root: path.join(folder, 'vlm') },
  };
  const manifest = ['canonical_id,absolute_image_path'];
  const labels: Record<string, string> = {};
  for (let page = 0; page < pages; page++) {
    const id = pageId(page, pagesPerBook);
    const { image, panels } = makePage(page);
    const file = path.join(dataset.panels.root, `${id}.json`);
    if (page % pagesPerBook === 0) await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(panels));
    manifest.push(`${id},${image}`);
    labels[id] = 'narrative';
  }
  await writeFile(dataset.manifest, `${manifest.join('\n')}\n`);
  await writeFile(dataset.pss_labels, JSON.stringify(labels));
  return dataset;
}

export function pageId(page: number, pagesPerBook: number): string {
  return `Book ${Math.floor(page / pagesPerBook)}/page_${String(page % pagesPerBook).padStart(3, '0')}`;
}
