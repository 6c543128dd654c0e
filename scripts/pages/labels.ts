import { isNarrative, PAGES, TITLE } from './book/book.ts';
import { type Lettering, spoken } from './lettering/balloon.ts';
import { type Box, type NarrativePage, PAGE_HEIGHT, PAGE_WIDTH, type Page } from './page.ts';

const THOUSANDTHS = 1000;

const canonicalId = ({ name }: Page) => `${TITLE}/${name}`;
export const imageFile = ({ name, format }: Page) => `pages/${name}.${format}`;

/** Everything that goes with the pictures, by file name: what detectors and readers would have said about them. */
export function labelFiles(): ReadonlyMap<string, string> {
  const manifest = PAGES.map((page) => `${canonicalId(page)},${imageFile(page)}\n`);
  const kinds = Object.fromEntries(PAGES.map((page) => [canonicalId(page), page.kind]));
  const narrative = PAGES.filter(isNarrative);
  return new Map([
    ['manifest.csv', `canonical_id,absolute_image_path\n${manifest.join('')}`],
    ['pss_labels.json', json(kinds)],
    ...narrative.map((page) => [`vlm/${canonicalId(page)}.json`, json(vlmOf(page))] as const),
    ...narrative.map((page) => [`ocr/${canonicalId(page)}.json`, json(ocrOf(page))] as const),
  ]);
}

function vlmOf({ summary, panels }: NarrativePage) {
  return {
    overall_summary: summary,
    panels: panels.map(({ box, description, lettering }, at) => ({
      panel_number: at + 1,
      box_2d: box2d(box),
      description,
      text_content: lettering.map((entry: Lettering) => ({ text: spoken(entry), type: entry.type })),
    })),
  };
}

function ocrOf({ panels }: NarrativePage) {
  return {
    image_width: PAGE_WIDTH,
    image_height: PAGE_HEIGHT,
    panels: panels.map(({ box: { x, y, width, height }, lettering }) => ({
      bbox: [x, y, width, height],
      text: lettering.map(spoken).join(' '),
      confidence: 1,
    })),
  };
}

function box2d({ x, y, width, height }: Box): number[] {
  const share = (value: number, whole: number) => Math.round((value / whole) * THOUSANDTHS);
  return [share(y, PAGE_HEIGHT), share(x, PAGE_WIDTH), share(y + height, PAGE_HEIGHT), share(x + width, PAGE_WIDTH)];
}

/** Short lists of numbers stay on one line: a box reads better so. */
function json(value: object): string {
  const text = JSON.stringify(value, null, 2);
  const oneLine = (numbers: string) => numbers.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']');
  return `${text.replace(/\[[\d\s,]+\]/g, oneLine)}\n`;
}
