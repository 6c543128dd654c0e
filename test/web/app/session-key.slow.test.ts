import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createKey, revokeKey } from '../../../src/access/key-records.ts';
import type { Scope } from '../../../src/access/scopes.ts';
import { BROWSER_MISSING, findViolations, openBrowser, openPage } from '../../support/browser.ts';
import { useCollectionService } from '../../support/collection-service.ts';
import { waitFor } from '../../support/wait-for.ts';

const PAGES = [
  { canonicalId: 'book/page_000', texts: ['the rain', 'a cat sits'] },
  { canonicalId: 'book/page_001', texts: ['the cat runs'] },
];

describe('a page of a service with keys', { skip: BROWSER_MISSING }, () => {
  const service = useCollectionService();
  let browser: Browser;
  let adminKey: string;
  before(async () => {
    await service.fill('comics', PAGES);
    adminKey = (await makeKey('admin')).key;
    await waitFor('the service to need keys', () => !service.services.keys.isAnonymousAllowed);
    browser = await openBrowser();
  });
  after(() => browser?.close());

  function makeKey(...scopes: readonly Scope[]) {
    const fields = { name: `key for ${scopes}`, scopes, expiresAt: null };
    return service.services.database.use((database) => createKey(database, fields));
  }

  async function open(hash: string) {
    const { page, problems } = await openPage(browser, service.address, { expected: /status of (401|403|404)/ });
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(request.url()));
    await page.goto(`${service.address}/${hash}`);
    return { page, problems, addresses, [Symbol.asyncDispose]: () => page.context().close() };
  }

  const dialog = (page: Page) => page.getByRole('dialog', { name: 'This service asks for an API key' });
  async function enter(page: Page, key: string): Promise<void> {
    await dialog(page).getByLabel('API key').fill(key);
    await dialog(page).getByRole('button', { name: 'Use this key' }).click();
  }
  async function openWithKey(hash: string, key: string) {
    const opened = await open(hash);
    await enter(opened.page, key);
    await dialog(opened.page).waitFor({ state: 'detached' });
    return opened;
  }
  const readStorage = (context: BrowserContext) =>
    Promise.all(
      context
        .pages()
        .map((page) => page.evaluate(() => ({ session: { ...sessionStorage }, local: { ...localStorage } }))),
    );

  it('asks for a key before any view asks the service, refuses a wrong one, and goes on with the right one', async () => {
    await using opened = await open('#/search?q=cat');
    const { page, problems, addresses } = opened;
    const input = dialog(page).getByLabel('API key');
    await input.and(page.locator(':focus')).waitFor();
    assert.equal(await input.getAttribute('type'), 'password');
    assert.equal(await input.getAttribute('autocomplete'), 'off');
    assert.deepEqual(await findViolations(page), []);

    for (const wrong of ['what is this', 'sk-else', `${adminKey}x`, adminKey.slice(0, -1)]) {
      await enter(page, wrong);
      await dialog(page).getByRole('alert').waitFor();
      await dialog(page).getByRole('button', { name: 'Use this key', disabled: false }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Forget key' }).count(), 0);
    }
    const calls = () => addresses.map((address) => new URL(address).pathname).filter((path) => path.startsWith('/v1/'));
    assert.deepEqual(new Set(calls()), new Set(['/v1/access']));

    await enter(page, ` ${adminKey}\t`);
    await page
      .getByRole('status')
      .getByText(/^\d+ panels$/)
      .waitFor();
    await dialog(page).waitFor({ state: 'detached' });
    assert.ok(calls().includes('/v1/search'));
    assert.deepEqual(problems, []);
  });

  it('keeps the key in the tab alone, in no address, and forgets it on demand', async () => {
    await using opened = await openWithKey('#/search?q=cat', adminKey);
    const { page, addresses } = opened;
    await page.getByText('the cat runs').waitFor();
    await page.reload();
    await page.getByText('the cat runs').waitFor();
    assert.equal(await dialog(page).count(), 0);

    const context = page.context();
    const other = await context.newPage();
    await other.goto(page.url());
    await dialog(other).waitFor();
    assert.deepEqual(
      (await readStorage(context)).map(({ session, local }) => [Object.values(session), Object.values(local)]),
      [
        [[adminKey], []],
        [[], []],
      ],
    );
    assert.deepEqual(await context.cookies(), []);
    for (const address of [...addresses, page.url()]) assert.ok(!address.includes(adminKey), address);

    await page.getByRole('button', { name: 'Forget key' }).click();
    await dialog(page).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'This service asks for an API key' }).waitFor();
    assert.equal(await page.getByText('the cat runs').count(), 0);
    assert.deepEqual((await readStorage(context))[0], { session: {}, local: {} });
    await page.getByRole('button', { name: 'Enter a key' }).click();
    await dialog(page).waitFor();
  });

  it('shows pictures, those of a search, of a page and of a chip', async () => {
    await using opened = await openWithKey('#/search?q=cat', adminKey);
    const { page, problems } = opened;
    const waitForPictures = (count: number) =>
      page.waitForFunction((n) => {
        const pictures = [...document.querySelectorAll<HTMLImageElement>('img.picture')];
        return (
          pictures.length >= n && pictures.every(({ src, naturalWidth }) => /^blob:/.test(src) && naturalWidth > 0)
        );
      }, count);
    await page.getByText('the cat runs').click();
    await page.getByRole('dialog').getByText('page_001, panel 1').waitFor();
    await waitForPictures(4);
    await page.getByRole('dialog').getByRole('button', { name: 'More like this' }).click();
    await page.locator('.chip img').waitFor();
    await waitForPictures(3);
    assert.deepEqual(problems, []);
  });

  it('watches a job and saves files of the service', async () => {
    const created = await fetch(`${service.address}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': adminKey },
      body: JSON.stringify({ type: 'embed', output: 'kept', dataset: { pages: service.pages } }),
    });
    assert.equal(created.status, 202);
    const { id } = (await created.json()) as { id: string };
    await using opened = await openWithKey(`#/jobs/${id}`, adminKey);
    const { page, problems } = opened;
    await page.locator('.job-state').getByText('queued').waitFor();
    await fetch(`${service.address}/v1/jobs/${id}/cancel`, { method: 'POST', headers: { 'x-api-key': adminKey } });
    await page.locator('.job-state').getByText('cancelled').waitFor();

    await page.goto(`${service.address}/#/health`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save metrics.txt' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'metrics.txt');
    assert.match(await readFile(await download.path(), 'utf8'), /^# HELP panelvec_/m);
    assert.deepEqual(problems, []);
  });

  it('says which scope a key lacks', async () => {
    const { key } = await makeKey('embed');
    await using opened = await openWithKey('#/search', key);
    const { page } = opened;
    for (const [view, scope] of Object.entries({ search: 'search', map: 'search', jobs: 'jobs' })) {
      await page.goto(`${service.address}/#/${view}`);
      await page.getByRole('alert').getByText(`lacks the scope ${scope}`).waitFor();
    }
    await page.goto(`${service.address}/#/try`);
    await page.getByText('See what a model makes of a page').waitFor();
  });

  it('asks again when the key is revoked, and keeps what the view shows', async () => {
    const { id, key } = await makeKey('search');
    await using opened = await openWithKey('#/health', key);
    const { page } = opened;
    await page.getByRole('heading', { name: 'Ready' }).waitFor();
    await service.services.database.use((database) => revokeKey(database, id));
    await dialog(page).getByText('was revoked').waitFor();
    assert.equal(await page.getByText('of memory in the process').count(), 1);
    await enter(page, adminKey);
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Ready' }).waitFor();
  });
});
