import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { BROWSER_MISSING, findViolations, openBrowser, openPage } from '../../../support/browser.ts';
import { useTinyService } from '../../../support/tiny-service.ts';

const CARD = `# tiny

<img src=x onerror="document.title='hacked'">

## Worth

| measure | tiny | other |
|---|---|---|
| recall@1 <b>bold</b> | 0.95 [0.9, 0.97] | 0.5 |
`;

describe('the models of the page', { skip: BROWSER_MISSING }, () => {
  const service = useTinyService({}, { skipped: BROWSER_MISSING !== false });
  let browser: Browser;
  before(async () => {
    await writeFile(path.join(service.folder, 'README.md'), CARD);
    browser = await openBrowser();
  });
  after(() => browser?.close());

  it('shows each model, where it runs, its measures, and its card as text', async () => {
    const { page, problems } = await openPage(browser, service.address, { expected: /status of 503/ });
    await page.goto(`${service.address}/#/models`);
    const model = page.getByRole('article', { name: /tiny@1/ });
    await model.getByText('device 0, engine 0: cpu').waitFor();
    const [{ space } = { space: '' }] = service.services.models.all;
    await model.getByText(space).waitFor();
    await model.getByRole('cell', { name: '0.95 [0.9, 0.97]' }).waitFor();
    await model.getByText('The whole card').click();
    await model.getByText(`<img src=x onerror="document.title='hacked'">`).waitFor();
    assert.equal(await model.locator('img, b').count(), 0);
    assert.equal(await page.title(), 'Models · panelvec');
    assert.deepEqual(await findViolations(page), []);
    assert.deepEqual(problems, []);
  });
});
