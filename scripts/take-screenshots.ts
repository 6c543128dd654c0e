/** Takes the pictures of the page in docs/images, over the example pages: `npm run screenshots`. Only those named are taken, if any are. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { openBrowser, openPage } from '../test/support/browser.ts';
import { startExampleService } from '../test/support/example-service.ts';

const IMAGES = path.join(import.meta.dirname, '../docs/images');
const EXAMPLES = path.join(import.meta.dirname, '../examples');
const QUERY = 'q=a+boat+on+the+sea+at+night';
const DESKTOP = { viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1.5 };
const TALL = { viewport: { width: 1280, height: 1500 }, deviceScaleFactor: 1 };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
/** Text stays sharp, and the pictures of comics are small on it. */
const WEBP = { quality: 82, effort: 6 };
const MAX_BYTES = 150_000;

interface Screenshot {
  readonly name: string;
  readonly hash: string;
  readonly options?: BrowserContextOptions;
  /** Brings the page into the state of the picture. */
  readonly prepare: (page: Page) => Promise<unknown>;
}

const waitForResults = (page: Page) =>
  page
    .getByRole('status')
    .getByText(/panels$/)
    .waitFor();

const SCREENSHOTS: readonly Screenshot[] = [
  { name: 'search', hash: `#/search?${QUERY}`, prepare: waitForResults },
  { name: 'search-dark', hash: `#/search?${QUERY}`, options: { colorScheme: 'dark' }, prepare: waitForResults },
  { name: 'search-phone', hash: `#/search?${QUERY}`, options: PHONE, prepare: waitForResults },
  {
    name: 'panel',
    hash: `#/search?${QUERY}`,
    prepare: async (page) => {
      await page.locator('.panel-card a').first().click();
      await page.getByText('What its vector is made of').waitFor();
    },
  },
  { name: 'try', hash: '#/try', options: TALL, prepare: tryExample },
  { name: 'map', hash: '#/map', prepare: hoverMap },
  { name: 'jobs', hash: '#/jobs', prepare: openIndexJob },
  { name: 'models', hash: '#/models', prepare: (page) => page.getByRole('article', { name: /compact/ }).waitFor() },
  {
    name: 'health',
    hash: '#/health',
    // The lines need some readings.
    prepare: (page) =>
      page
        .getByRole('heading', { name: 'Ready' })
        .waitFor()
        .then(() => page.waitForTimeout(12_000)),
  },
];

const chosen = process.argv.slice(2);
const service = await startExampleService('compact');
const browser = await openBrowser();
try {
  for (const screenshot of SCREENSHOTS) {
    if (chosen.length === 0 || chosen.includes(screenshot.name)) await take(screenshot);
  }
} finally {
  await browser.close();
  await service.stop();
}

async function take({ name, hash, options, prepare }: Screenshot): Promise<void> {
  const { page, problems } = await openPage(browser, service.address, {
    ...DESKTOP,
    reducedMotion: 'reduce',
    ...options,
  });
  await page.goto(`${service.address}/${hash}`);
  await prepare(page);
  await page.waitForLoadState('networkidle');
  const file = path.join(IMAGES, `${name}.webp`);
  await sharp(await page.screenshot())
    .webp(WEBP)
    .toFile(file);
  await page.context().close();
  const { size } = await stat(file);
  console.log(`${path.relative('.', file)}: ${size} bytes`);
  if (problems.length > 0) throw new Error(`${name}: ${problems.join('; ')}`);
  if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes; at most ${MAX_BYTES} are good for a repository`);
}

async function tryExample(page: Page): Promise<void> {
  const files = ['pages/page_002.png', 'vlm/Moonlit Harbor/page_002.json'];
  const payloads = files.map(async (name) => ({
    name: path.basename(name),
    mimeType: name.endsWith('.json') ? 'application/json' : 'image/png',
    buffer: await readFile(path.join(EXAMPLES, name)),
  }));
  const [picture, panels] = await Promise.all(payloads);
  if (!picture || !panels) return;
  await page.locator('input[type=file]').first().setInputFiles(picture);
  await page.getByRole('button', { name: 'Load a panel file' }).waitFor();
  await page.locator('input[type=file]').last().setInputFiles(panels);
  await page.getByRole('button', { name: 'Embed the panels' }).click();
  await page.getByText(/^6 vectors/).waitFor();
}

async function hoverMap(page: Page): Promise<void> {
  await page.locator('canvas').waitFor();
  await page
    .getByText(/^Cluster 1/)
    .first()
    .waitFor();
}

async function openIndexJob(page: Page): Promise<void> {
  await page
    .getByRole('link', { name: /index examples/ })
    .first()
    .click();
  await page.getByText('succeeded').first().waitFor();
}
