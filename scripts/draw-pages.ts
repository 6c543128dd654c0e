/**
 * Draws the comic of examples/ and writes its label files: `npm run draw:pages`. The comic is this project's own, so that
 * it may be part of the repository. The output is byte-identical on one machine.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { PAGES } from './pages/book/book.ts';
import { imageFile, makeLabelFiles } from './pages/labels.ts';
import { drawLettering } from './pages/lettering/balloon.ts';
import { GUTTER, PAGE_HEIGHT, PAGE_WIDTH, type Page, type Panel } from './pages/page.ts';
import { element, INK, PAPER, rect, stroke, viewport } from './pages/svg.ts';

const EXAMPLES = path.resolve(import.meta.dirname, '../examples');
/** Paper around each panel, which shows where a panel is an inset. Half a gutter, so that neighbours do not touch. */
const PANEL_BORDER = GUTTER / 2;

for (const page of PAGES) await writeExample(imageFile(page), await encodePage(page));
for (const [name, text] of makeLabelFiles()) await writeExample(name, text);

async function writeExample(name: string, content: string | Buffer): Promise<void> {
  const file = path.join(EXAMPLES, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  console.log(name, Buffer.byteLength(content));
}

function encodePage(page: Page): Promise<Buffer> {
  const image = sharp(Buffer.from(drawPage(page))).removeAlpha();
  if (page.format === 'png') return image.png({ palette: true, colours: 96, dither: 0, effort: 10 }).toBuffer();
  if (page.format === 'webp') return image.webp({ quality: 82, effort: 6 }).toBuffer();
  return image.jpeg({ quality: 82, mozjpeg: true }).toBuffer();
}

function drawPage(page: Page): string {
  const content = page.kind === 'narrative' ? drawPanels(page.panels) : [page.draw(PAGE_WIDTH, PAGE_HEIGHT)];
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width: PAGE_WIDTH, height: PAGE_HEIGHT },
    rect(0, 0, PAGE_WIDTH, PAGE_HEIGHT, { fill: PAPER }),
    ...content,
  );
}

/** Draws the largest panel first: a splash lies under its insets, wherever it comes in reading order. */
function drawPanels(panels: readonly Panel[]): string[] {
  const area = ({ box }: Panel) => box.width * box.height;
  return panels.toSorted((a, b) => area(b) - area(a)).map(drawPanel);
}

function drawPanel({ box: { x, y, width, height }, draw, lettering }: Panel): string {
  const picture = viewport(x, y, width, height, draw(width, height), ...lettering.map(drawLettering));
  const paper = rect(x - PANEL_BORDER, y - PANEL_BORDER, width + 2 * PANEL_BORDER, height + 2 * PANEL_BORDER, {
    fill: PAPER,
  });
  return paper + picture + rect(x, y, width, height, { ...stroke(INK, 6), 'stroke-linejoin': 'miter' });
}
