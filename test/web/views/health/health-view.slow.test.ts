import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { BROWSER_MISSING, findViolations, openBrowser, openPage } from '../../../support/browser.ts';
import { useTinyService } from '../../../support/tiny-service.ts';

describe('the health of the page', { skip: BROWSER_MISSING }, () => {
  const service = useTinyService({}, { skipped: BROWSER_MISSING !== false });
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  it('shows what the service does, and says when it does not answer any more', async () => {
    const { page, problems } = await openPage(browser, service.address, { expected: /ERR_FAILED/ });
    await page.goto(`${service.address}/#/health`);
    await page.getByRole('heading', { name: 'Ready' }).waitFor();
    await page.getByText('All engines are warm, and nothing is amiss.').waitFor();
    await page.getByText('This service takes no jobs').waitFor();

    const body = JSON.stringify({ input: Array.from({ length: 50 }, (_, i) => `text ${i}`) });
    const headers = { 'content-type': 'application/json' };
    await fetch(`${service.address}/v1/embeddings/text`, { method: 'POST', headers, body });
    // The line of the tile has a name that says the highest rate.
    await page.getByRole('img', { name: /^Panels and texts per second, .*: now .*, at most [1-9]/ }).waitFor();
    assert.deepEqual(await findViolations(page), []);

    await page.route('**/v1/status', (route) => route.abort());
    await page.getByRole('heading', { name: 'The service does not answer' }).waitFor();
    await page.unroute('**/v1/status');
    await page.getByRole('heading', { name: 'Ready' }).waitFor();
    assert.deepEqual(problems, []);
  });
});
