import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CorpusPage } from './bench-corpus.ts';

const EXAMPLES = path.join(import.meta.dirname, '../../examples');
export const EXAMPLE_IMAGES = path.join(EXAMPLES, 'pages');
/** The pages of the project's example that have panels. */
const NARRATIVE = ['page_001.jpg', 'page_002.png', 'page_003.webp', 'page_004.jpg'] as const;

/** Each edge of a box moves inwards by one of so many steps. */
const STEPS = 6;
/** In thousandths of the page: nearly two pixels of its narrow side, so that each step is another crop. */
const STEP = 2;
const MAX_PAGES = NARRATIVE.length * STEPS ** 4;

interface ExamplePanels {
  readonly panels: readonly {
    readonly box_2d: readonly [number, number, number, number];
    readonly description: string;
  }[];
}

const sources = NARRATIVE.map((name) => {
  const file = path.join(EXAMPLES, 'vlm/Moonlit Harbor', `${path.parse(name).name}.json`);
  return { image: path.join(EXAMPLE_IMAGES, name), example: JSON.parse(readFileSync(file, 'utf8')) as ExamplePanels };
});

export const PANELS_PER_PAGE = sources.reduce((sum, { example }) => sum + example.panels.length, 0) / sources.length;

/**
 * Drawn pages without end: each is one of the examples whose boxes are a little smaller and whose words have a number, so
 * that no panel of any page has a crop or a text that another has. @throws Error where there are no more
 */
export function examplePage(number: number): CorpusPage {
  if (number >= MAX_PAGES) throw new Error(`there are ${MAX_PAGES} example pages, not ${number + 1}`);
  const { image, example } = sources[number % sources.length]!;
  const round = Math.floor(number / sources.length);
  const inset = (edge: number) => STEP * (Math.floor(round / STEPS ** edge) % STEPS);
  const panels = example.panels.map(({ box_2d: [y1, x1, y2, x2], description, ...rest }) => ({
    ...rest,
    box_2d: [y1 + inset(0), x1 + inset(1), y2 - inset(2), x2 - inset(3)],
    description: `${description} Page ${number}.`,
  }));
  return { image, panels: { ...example, panels } };
}
