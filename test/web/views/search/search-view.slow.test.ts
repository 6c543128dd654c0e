import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { BROWSER_MISSING, findViolations, openBrowser, openPage } from '../../../support/browser.ts';
import { pictureName, useCollectionService } from '../../../support/collection-service.ts';
import { drawPanel } from '../../../support/images.ts';

const HOSTILE_TEXT = `<img src=x onerror="document.title='hacked'"><b>rain</b> & "thunder"`;
const PAGES = [
  { canonicalId: 'book/page_000', texts: [HOSTILE_TEXT, 'a cat sits'] },
  { canonicalId: 'book/page_001', texts: ['the cat runs', null, 'boom!'] },
  { canonicalId: 'other/page_000', book: 'other', pageType: 'cover', texts: ['the sea'] },
];
const PANELS = 6;
const MOVED_PAGE = 2;
/** A collection with more panels than are shown at once */
const MANY_PAGES = Array.from({ length: 5 }, (_, i) => ({
  canonicalId: `long/page_00${i}`,
  book: 'long',
  texts: Array.from({ length: 6 }, (_, panel) => `words ${panel}`),
}));
const MANY_PANELS = 30;
const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

describe('the search of the page', { skip: BROWSER_MISSING }, () => {
  const service = useCollectionService();
  let browser: Browser;

  before(async () => {
    await service.fill('many', MANY_PAGES);
    await service.fill('comics', PAGES);
    await rm(path.join(service.pages, pictureName(MOVED_PAGE)));
    browser = await openBrowser();
  });
  after(() => browser?.close());

  /** Opens an address of the page. What is expected to fail is in `expected`. */
  async function open(hash: string, options: BrowserContextOptions & { readonly expected?: RegExp } = {}) {
    const { page, problems } = await openPage(browser, service.address, { expected: /status of 404/, ...options });
    await page.goto(`${service.address}/${hash}`);
    return { page, problems, [Symbol.asyncDispose]: () => page.context().close() };
  }

  const cards = (page: Page) => page.locator('.panel-card');
  const waitForResults = (page: Page) =>
    page
      .getByRole('status')
      .getByText(/^\d+ (panel|page)s?$/)
      .waitFor();

  it('finds panels by words, shows their texts as text, and tells screen readers how many there are', async () => {
    await using opened = await open('#/search');
    const { page, problems } = opened;
    await page.getByRole('searchbox').fill('a cat');
    await page.keyboard.press('Enter');
    await waitForResults(page);
    assert.match(await page.getByRole('status').innerText(), new RegExp(`^${PANELS} panels`));
    assert.equal(await cards(page).count(), PANELS);
    assert.match(page.url(), /#\/search\?collection=comics&q=a\+cat$/);
    const hostile = cards(page).filter({ hasText: HOSTILE_TEXT });
    assert.equal(await hostile.count(), 1);
    assert.equal(await page.locator('main b').count(), 0);
    assert.equal(await page.title(), 'Search · panelvec');
    for (const picture of await page.locator('main img').all()) {
      assert.match((await picture.getAttribute('alt')) ?? '', /^Panel \d of page_00\d in (book|other)/);
    }
    assert.deepEqual(problems, []);
  });

  it('says of a picture that has moved that it is not there, and keeps the result', async () => {
    await using opened = await open('#/search?q=the+sea&book=other');
    await cards(opened.page).getByText('The picture is not there any more').waitFor();
    assert.equal(await cards(opened.page).count(), 1);
  });

  it('shows a panel on its page at an address of its own; Escape closes it, the back button opens it again', async () => {
    await using opened = await open('#/search?collection=comics&q=boom');
    const { page, problems } = opened;
    await waitForResults(page);
    const card = cards(page).filter({ hasText: 'boom!' }).getByRole('link');
    await card.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('heading', { name: 'book, page_001, panel 3' }).waitFor();
    const address = page.url();
    assert.match(address, /&panel=[0-9a-f]{16}$/);
    assert.equal(await dialog.locator('svg a').count(), 3);
    assert.equal(await dialog.locator('svg a[aria-current]').count(), 1);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await card.evaluate((link) => link === document.activeElement), true);
    await page.goBack();
    await dialog.getByRole('link', { name: 'Page before' }).click();
    await dialog.getByRole('heading', { name: 'book, page_000, panel 1' }).waitFor();
    assert.deepEqual(problems, []);

    await using shared = await open(address.slice(service.address.length + 1));
    await shared.page.getByRole('dialog').getByRole('heading', { name: 'book, page_001, panel 3' }).waitFor();
  });

  it('searches for more like a panel and not like another; each can be taken away', async () => {
    await using opened = await open('#/search?collection=comics&q=cat');
    const { page } = opened;
    await waitForResults(page);
    await cards(page).filter({ hasText: 'boom!' }).getByRole('link').click();
    await page.getByRole('dialog').getByRole('button', { name: 'More like this' }).click();
    const chips = page.getByRole('list', { name: 'Panels of this search' }).getByRole('listitem');
    await chips.first().waitFor();
    await waitForResults(page);
    const unliked = cards(page).filter({ hasText: 'the sea' });
    await unliked.hover();
    await unliked.getByRole('button', { name: /^not like this/ }).click();
    await chips.nth(1).waitFor();
    assert.match(page.url(), /&like=[0-9a-f]{16}&unlike=[0-9a-f]{16}$/);
    await chips
      .first()
      .getByRole('button', { name: /^Take away: like Panel 3/ })
      .click();
    await page.waitForURL(/q=cat&unlike=[0-9a-f]{16}$/);
    await page.goBack();
    await page.waitForURL(/&like=/);
  });

  it('searches by a picture, weighs it beside words, and says that it is not in the address', async () => {
    await using opened = await open('#/search');
    const { page, problems } = opened;
    const buffer = await drawPanel(5, 200, 300).png().toBuffer();
    await page.locator('input[type=file]').setInputFiles({ name: 'drawn.png', mimeType: 'image/png', buffer });
    await waitForResults(page);
    await page.getByText('the address of this search holds everything but your picture').waitFor();
    assert.ok(page.url().length < service.address.length + 100);
    await page.getByRole('searchbox').fill('boom');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    // The search of the button may still be on its way.
    const request = page.waitForRequest(
      (sent) => sent.url().endsWith('/v1/search') && sent.postDataJSON().weights.image === 0.8,
    );
    await page.getByRole('slider').fill('80');
    await request;
    await waitForResults(page);
    assert.deepEqual(problems, []);
    await page.reload();
    await page.getByText('This search was made with a picture, which is not in the address').waitFor();
  });

  it('loads more of a search, each panel once', async () => {
    await using opened = await open('#/search?collection=many&q=words');
    const { page, problems } = opened;
    await page.getByRole('status').getByText('The best 24 panels').waitFor();
    await page.getByRole('button', { name: 'Load more' }).click();
    await page.getByRole('status').getByText(`${MANY_PANELS} panels`).waitFor();
    const addresses = await cards(page)
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.equal(new Set(addresses).size, MANY_PANELS);
    assert.equal(await page.getByRole('button', { name: 'Load more' }).count(), 0);
    assert.deepEqual(problems, []);
  });

  it('restores a search from its address', async () => {
    await using opened = await open('#/search?collection=comics&q=cat&book=book&has_text=yes');
    const { page, problems } = opened;
    await waitForResults(page);
    const texts = await cards(page).allInnerTexts();
    assert.equal(texts.length, 4);
    await using shared = await open(page.url().slice(service.address.length + 1));
    await waitForResults(shared.page);
    assert.deepEqual(await cards(shared.page).allInnerTexts(), texts);
    assert.equal(await shared.page.getByRole('searchbox').inputValue(), 'cat');
    assert.equal(await shared.page.getByRole('combobox', { name: /^Book/ }).inputValue(), 'book');
    assert.deepEqual([...problems, ...shared.problems], []);
  });

  for (const [type, mediaType] of [
    ['paste', 'image/png'],
    ['drop', 'image/png'],
    ['drop', 'text/plain'],
  ] as const) {
    it(`takes a file of the type ${mediaType} by ${type}, if it is a picture`, async () => {
      await using opened = await open('#/search?collection=comics');
      const { page, problems } = opened;
      await page.getByRole('searchbox').waitFor();
      const base64 = (await drawPanel(5).png().toBuffer()).toString('base64');
      await page.evaluate(
        async ([eventType, fileType, content]) => {
          const data = new DataTransfer();
          const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
          data.items.add(new File([bytes], 'mine', { type: fileType }));
          const init = { bubbles: true, cancelable: true };
          const event =
            eventType === 'paste'
              ? new ClipboardEvent('paste', { ...init, clipboardData: data })
              : new DragEvent('drop', { ...init, dataTransfer: data });
          document.querySelector('.search-view')?.dispatchEvent(event);
        },
        [type, mediaType, base64] as const,
      );
      if (mediaType === 'image/png') await waitForResults(page);
      else await page.getByRole('alert').getByText('This is not a picture').waitFor();
      assert.deepEqual(problems, []);
    });
  }

  it('takes filters, and shows pages in place of panels', async () => {
    await using opened = await open('#/search?collection=comics&q=cat');
    const { page } = opened;
    await page.getByRole('combobox', { name: /^Words/ }).selectOption('Without words');
    await page.getByRole('status').getByText('1 panel', { exact: true }).waitFor();
    await page.getByRole('combobox', { name: /^Words/ }).selectOption('With or without');
    await page.getByRole('combobox', { name: /^Show/ }).selectOption('Pages');
    await page.getByRole('status').getByText(`${PAGES.length} pages`, { exact: true }).waitFor();
    assert.match(page.url(), /&level=page$/);
  });

  it('shows what the service says of a query that it refuses', async () => {
    await using opened = await open('#/search?collection=absent&q=cat', { expected: /status of 40/ });
    await opened.page
      .getByRole('alert')
      .getByText(/absent/)
      .waitFor();
  });

  for (const [name, options] of Object.entries(LOOKS)) {
    it(`has nothing against accessibility: ${name}`, async () => {
      await using opened = await open('#/search', options);
      const { page } = opened;
      await page.getByRole('searchbox').waitFor();
      assert.deepEqual(await findViolations(page), []);
      await page.getByRole('searchbox').fill('a cat');
      await page.keyboard.press('Enter');
      await waitForResults(page);
      assert.deepEqual(await findViolations(page), []);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, 'nothing is wider than the window');
      await cards(page).first().getByRole('link').click();
      await page.getByRole('dialog').getByText('Page type').waitFor();
      assert.deepEqual(await findViolations(page), []);
    });
  }

  it('goes on by keyboard: the skip link leads to the content', async () => {
    await using opened = await open('#/search');
    const { page } = opened;
    await page.getByRole('searchbox').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'query-text');
  });

  it('changes between light and dark, and keeps the choice', async () => {
    await using opened = await open('#/search', { colorScheme: 'light' });
    const { page } = opened;
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: /Change to light/ }).click();
    await page.getByRole('button', { name: /Change to dark/ }).click();
    assert.notEqual(await background(), light);
    await page.reload();
    await page.getByRole('button', { name: /^Theme: dark/ }).waitFor();
    assert.notEqual(await background(), light);
  });

  it('says what to do where there is no collection', async () => {
    for (const name of ['comics', 'many'])
      await fetch(`${service.address}/v1/collections/${name}`, { method: 'DELETE' });
    await using opened = await open('#/search?q=cat');
    await opened.page.getByRole('heading', { name: 'There is nothing to search yet' }).waitFor();
    assert.deepEqual(await findViolations(opened.page), []);
    await opened.page.locator('main').getByRole('link', { name: 'Jobs' }).click();
    await opened.page.waitForURL(/#\/jobs$/);
  });

  it('has a plain message for browsers without JavaScript', async () => {
    await using opened = await open('', { javaScriptEnabled: false });
    const message = opened.page.locator('noscript p');
    await message.waitFor();
    assert.match(await message.innerText(), /^This page needs JavaScript/);
  });
});
