import { isNarrative, PAGES, TITLE } from './book/book.ts';
import { joinLines } from './lettering/balloon.ts';
import { type Box, type NarrativePage, PAGE_HEIGHT, PAGE_WIDTH, type Page } from './page.ts';

const THOUSANDTHS = 1000;

const canonicalId = ({ name }: Page) => `${TITLE}/${name}`;
export const imageFile = ({ name, format }: Page) => `pages/${name}.${format}`;

/** Makes the manifest, the page types, and what a vision model and OCR would find on each page, as text by file name. */
export function makeLabelFiles(): ReadonlyMap<string, string> {
  const manifest = PAGES.map((page) => `${canonicalId(page)},${imageFile(page)}\n`);
  const kinds = Object.fromEntries(PAGES.map((page) => [canonicalId(page), page.kind]));
  const narrative = PAGES.filter(isNarrative);
  return new Map([
    ['manifest.csv', `canonical_id,absolute_image_path\n${manifest.join('')}`],
    ['pss_labels.json', formatJson(kinds)],
    ...narrative.map((page) => [`vlm/${canonicalId(page)}.json`, formatJson(toVlm(page))] as const),
    ...narrative.map((page) => [`ocr/${canonicalId(page)}.json`, formatJson(toOcr(page))] as const),
  ]);
}

function toVlm({ summary, panels }: NarrativePage) {
  return {
    overall_summary: summary,
    panels: panels.map(({ box, description, lettering }, i) => ({
      panel_number: i + 1,
      box_2d: toBox2d(box),
      description,
      text_content: lettering.map((entry) => ({ text: joinLines(entry), type: entry.type })),
    })),
  };
}

function toOcr({ panels }: NarrativePage) {
  return {
    image_width: PAGE_WIDTH,
    image_height: PAGE_HEIGHT,
    panels: panels.map(({ box: { x, y, width, height }, lettering }) => ({
      bbox: [x, y, width, height],
      text: lettering.map(joinLines).join(' '),
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

/** Formats JSON with short lists of numbers on one line, so that a box is easy to read. */
function formatJson(value: object): string {
  const text = JSON.stringify(value, null, 2);
  const oneLine = (numbers: string) => numbers.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']');
  return `${text.replace(/\[[\d\s,]+\]/g, oneLine)}\n`;
}
