/**
 * Draws the comic of examples/ with everything that goes with it: `npm run draw:pages`. It is our own, so that it may
 * lie in the repository, and comes out the same byte for byte on one machine.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { PAGES } from './pages/book/book.ts';
import { imageFile, labelFiles } from './pages/labels.ts';
import type { Page } from './pages/page.ts';
import { pageSvg } from './pages/page-svg.ts';

const EXAMPLES = path.resolve(import.meta.dirname, '../examples');

function encode(page: Page): Promise<Buffer> {
  const image = sharp(Buffer.from(pageSvg(page))).removeAlpha();
  if (page.format === 'png') return image.png({ palette: true, colours: 96, dither: 0, effort: 10 }).toBuffer();
  if (page.format === 'webp') return image.webp({ quality: 82, effort: 6 }).toBuffer();
  return image.jpeg({ quality: 82, mozjpeg: true }).toBuffer();
}

async function write(name: string, content: string | Buffer): Promise<void> {
  const file = path.join(EXAMPLES, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  console.log(name, Buffer.byteLength(content));
}

for (const page of PAGES) await write(imageFile(page), await encode(page));
for (const [name, text] of labelFiles()) await write(name, text);
