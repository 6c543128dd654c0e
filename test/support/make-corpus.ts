import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { drawPanel } from './images.ts';
import { seeded } from './numeric.ts';
import { type CorpusDataset, pageId, writeCorpus } from './write-corpus.ts';

export interface Corpus {
  readonly folder: string;
  /** The dataset of a job's spec */
  readonly dataset: CorpusDataset;
  /** Path of the panel file of a page */
  panelFile(page: number): string;
  remove(): Promise<void>;
}

const IMAGE_COUNT = 24;
const PAGES_PER_BOOK = 20;

export interface CorpusOptions {
  readonly pagesPerBook?: number;
}
const TEXTS = ['who goes there?', 'rain falls on the roof.', 'boom!', 'a cat sits, and waits.', ''];

/** Makes a dataset of narrative pages: few pictures, but every page has its own boxes and words. */
export async function makeCorpus(
  pages: number,
  { pagesPerBook = PAGES_PER_BOOK }: CorpusOptions = {},
): Promise<Corpus> {
  const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-corpus-'));
  await mkdir(path.join(folder, 'pages'));
  for (let i = 0; i < IMAGE_COUNT; i++) {
    await drawPanel(i, 90, 120)
      .jpeg()
      .toFile(path.join(folder, `pages/${i}.jpg`));
  }
  const random = seeded(7);
  const makePage = (page: number) => ({ image: `pages/${page % IMAGE_COUNT}.jpg`, panels: makeVlmPage(page, random) });
  return {
    folder,
    dataset: await writeCorpus(folder, pages, makePage, pagesPerBook),
    panelFile: (page) => path.join(folder, 'vlm', `${pageId(page, pagesPerBook)}.json`),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** None to five panels; the random numbers are in -1..1. */
function makeVlmPage(page: number, random: () => number): object {
  const panels = Array.from({ length: page % 6 }, (_, i) => {
    const [top, left] = [300 + 250 * random(), 300 + 250 * random()].map(Math.round) as [number, number];
    return {
      panel_number: i + 1,
      box_2d: [top, left, top + 100 + 40 * i, left + 200],
      description: TEXTS[(page + i) % TEXTS.length],
      text_content: i % 2 === 0 ? [] : [{ text: TEXTS[i % TEXTS.length], type: 'dialogue' }],
    };
  });
  return { overall_summary: `page ${page} – “drawn”`, panels };
}
