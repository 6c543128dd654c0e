import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CorpusDataset, type CorpusPage, writeCorpus } from '../../test/support/write-corpus.ts';
import type { TemporaryFolder } from '../runner/temporary-folder.ts';

const EXAMPLES = path.join(import.meta.dirname, '../../examples');
const EXAMPLE_IMAGES = path.join(EXAMPLES, 'pages');
/** The pages of the project's example that have panels */
const NARRATIVE_PAGES = ['page_001.jpg', 'page_002.png', 'page_003.webp', 'page_004.jpg'] as const;
const PAGES_PER_BOOK = 100;

/** Each edge of a box moves inwards by one of so many steps. */
const STEPS = 6;
/** In thousandths of the page: nearly two pixels of its narrow side, so that each step is another crop */
const STEP = 2;
const MAX_PAGES = NARRATIVE_PAGES.length * STEPS ** 4;

/** A dataset of narrative pages for a job. */
export interface BenchCorpus {
  readonly dataset: CorpusDataset;
  readonly pages: number;
  /** Folders that the service must be allowed to read */
  readonly roots: readonly string[];
}

interface ExamplePanels {
  readonly panels: readonly {
    readonly box_2d: readonly [number, number, number, number];
    readonly description: string;
  }[];
}

const sources = NARRATIVE_PAGES.map((name) => {
  const file = path.join(EXAMPLES, 'vlm/Moonlit Harbor', `${path.parse(name).name}.json`);
  return { image: path.join(EXAMPLE_IMAGES, name), example: JSON.parse(readFileSync(file, 'utf8')) as ExamplePanels };
});

export const PANELS_PER_PAGE = sources.reduce((sum, { example }) => sum + example.panels.length, 0) / sources.length;

/** Writes a dataset of example pages. @param folder an empty one */
export async function writeExampleCorpus(folder: TemporaryFolder, pages: number): Promise<BenchCorpus> {
  const dataset = await writeCorpus(folder.path, pages, makeExamplePage, PAGES_PER_BOOK);
  return { dataset, pages, roots: [folder.path, EXAMPLE_IMAGES] };
}

/**
 * Makes one of many pages that differ: one of the examples with boxes that are a little smaller and texts that have a
 * number, so that no panel of any page has a crop or a text that another has. @throws Error if there are no more
 */
export function makeExamplePage(number: number): CorpusPage {
  const source = sources[number % sources.length];
  if (source === undefined || number >= MAX_PAGES) {
    throw new Error(`there are ${MAX_PAGES} example pages, not ${number + 1}`);
  }
  const { image, example } = source;
  const round = Math.floor(number / sources.length);
  const inset = (edge: number) => STEP * (Math.floor(round / STEPS ** edge) % STEPS);
  const panels = example.panels.map(({ box_2d: [y1, x1, y2, x2], description, ...rest }) => ({
    ...rest,
    box_2d: [y1 + inset(0), x1 + inset(1), y2 - inset(2), x2 - inset(3)],
    description: `${description} Page ${number}.`,
  }));
  return { image, panels: { ...example, panels } };
}
