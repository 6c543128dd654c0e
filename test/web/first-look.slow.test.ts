import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { EXAMPLES_FOLDER } from '../../src/example-pages.ts';
import { BROWSER_MISSING, findViolations, openBrowser, openPage } from '../support/browser.ts';
import { type ExampleService, startExampleService } from '../support/example-service.ts';

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** Each view, and what it shows once it is there */
const VIEWS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  '#/search?q=the+sea': (page) =>
    page
      .getByRole('status')
      .getByText(/^\d+ panels/)
      .waitFor(),
  '#/try': (page) => page.getByText('See what a model makes of a page').waitFor(),
  '#/map': (page) =>
    page
      .getByText(/^20 panels/)
      .first()
      .waitFor(),
  '#/jobs': (page) => page.getByRole('link', { name: 'index examples' }).waitFor(),
  '#/jobs/new': (page) => page.getByLabel('The spec as JSON').waitFor(),
  '#/models': (page) => page.getByRole('article', { name: /tiny@1/ }).waitFor(),
  '#/health': (page) => page.getByRole('heading', { name: 'Ready' }).waitFor(),
};

describe('the page of a service that was started for the first time', { skip: BROWSER_MISSING }, () => {
  let service: ExampleService;
  let browser: Browser;
  before(async () => {
    [service, browser] = await Promise.all([startExampleService('tiny'), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  async function open(hash: string, options: BrowserContextOptions = {}) {
    const { page, problems } = await openPage(browser, service.address, options);
    await page.goto(`${service.address}/${hash}`);
    return {
      page,
      async [Symbol.asyncDispose]() {
        await page.context().close();
        assert.deepEqual(problems, [], hash);
      },
    };
  }

  it('finds a panel of the example pages, by keyboard alone', async () => {
    await using opened = await open('');
    const { page } = opened;
    await page.getByRole('searchbox').waitFor();
    const focusNext = async (name: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate((selector) => document.activeElement?.matches(selector) === true, name)) return;
      }
      assert.fail(`Tab does not lead to ${name}`);
    };
    await focusNext('input[type=search]');
    await page.keyboard.type('the sea at night');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('20 panels').waitFor();
    await focusNext('.panel-card a');
    await page.keyboard.press('Enter');
    const more = page.getByRole('dialog').getByRole('button', { name: 'More like this' });
    await more.waitFor();
    await focusNext('.panel-actions button');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForURL(/q=the\+sea\+at\+night&like=[0-9a-f]{16}$/);
  });

  it('leads from view to view by its navigation, without loading the page again', async () => {
    await using opened = await open('');
    const { page } = opened;
    await page.getByRole('searchbox').waitFor();
    await page.evaluate(() => document.body.classList.add('same-page'));
    for (const name of ['Try', 'Map', 'Jobs', 'Models', 'Health', 'Search']) {
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name }).click();
      await page.waitForFunction((title) => document.title === `${title} · panelvec`, name);
      await page.locator('main h1').waitFor();
    }
    assert.equal(await page.locator('body.same-page').count(), 1);
  });

  it('shows the calls of the API, which the policy of that page lets work', async () => {
    const { page, problems } = await openPage(browser, service.address);
    await page.goto(`${service.address}/docs/`);
    await page.locator('.opblock').first().waitFor();
    await page.context().close();
    assert.deepEqual(problems, []);
  });

  it('makes a collection by a job of its form, which can be searched then', async () => {
    await using opened = await open('#/jobs/new');
    const { page } = opened;
    const panels = { format: 'vlm', root: path.join(EXAMPLES_FOLDER, 'vlm'), reading_order: 'ltr' };
    const images = { formats: ['gif', 'tiff'], tolerant: true };
    const dataset = { manifest: path.join(EXAMPLES_FOLDER, 'manifest.csv'), panels, images };
    // On one line, as programs write it: the button stays where it is when it is clicked.
    await page.getByLabel('The spec as JSON').fill(JSON.stringify({ type: 'index', output: 'again', dataset }));
    await page.getByRole('button', { name: 'Submit the job' }).click();
    await page.getByRole('heading', { name: 'index again' }).waitFor();
    await page.getByText('succeeded').first().waitFor({ timeout: 120_000 });
    await page
      .getByRole('link', { name: /search/i })
      .last()
      .click();
    await page.waitForURL(/#\/search\?collection=again/);
    assert.equal(await page.getByRole('combobox', { name: /^Collection/ }).inputValue(), 'again');
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [device, options] of Object.entries({ desktop: {}, phone: PHONE })) {
      it(`has nothing against accessibility in any view, ${colorScheme}, on a ${device}`, async () => {
        for (const [hash, waitForView] of Object.entries(VIEWS)) {
          await using opened = await open(hash, { ...options, colorScheme, reducedMotion: 'reduce' });
          const { page } = opened;
          await waitForView(page);
          await page.waitForLoadState('networkidle');
          assert.deepEqual(await findViolations(page), [], hash);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${hash} is ${overflow} pixels wider than the window`);
        }
      });
    }
  }
});
