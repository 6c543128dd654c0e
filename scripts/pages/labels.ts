import { isNarrative, PAGES, TITLE } from './book/book.ts';
import { type Lettering, letteringText } from './lettering/balloon.ts';
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
    ...narrative.map((page) => [`vlm/${canonicalId(page)}.json`, json(toVlm(page))] as const),
    ...narrative.map((page) => [`ocr/${canonicalId(page)}.json`, json(toOcr(page))] as const),
  ]);
}

function toVlm({ summary, panels }: NarrativePage) {
  return {
    overall_summary: summary,
    panels: panels.map(({ box, description, lettering }, i) => ({
      panel_number: i + 1,
      box_2d: toBox2d(box),
      description,
      text_content: lettering.map((entry: Lettering) => ({ text: letteringText(entry), type: entry.type })),
    })),
  };
}

function toOcr({ panels }: NarrativePage) {
  return {
    image_width: PAGE_WIDTH,
    image_height: PAGE_HEIGHT,
    panels: panels.map(({ box: { x, y, width, height }, lettering }) => ({
      bbox: [x, y, width, height],
      text: lettering.map(letteringText).join(' '),
      confidence: 1,
    })),
  };
}

function toBox2d({ x, y, width, height }: Box): number[] {
  const toThousandths = (value: number, total: number) => Math.round((value / total) * THOUSANDTHS);
  return [
    toThousandths(y, PAGE_HEIGHT),
    toThousandths(x, PAGE_WIDTH),
    toThousandths(y + height, PAGE_HEIGHT),
    toThousandths(x + width, PAGE_WIDTH),
  ];
}

/** Short lists of numbers stay on one line: a box reads better so. */
function json(value: object): string {
  const text = JSON.stringify(value, null, 2);
  const oneLine = (numbers: string) => numbers.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']');
  return `${text.replace(/\[[\d\s,]+\]/g, oneLine)}\n`;
}
