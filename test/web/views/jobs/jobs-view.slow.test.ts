import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { BROWSER_MISSING, findViolations, openBrowser, openPage } from '../../../support/browser.ts';
import { type JobService, startJobService } from '../../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../../support/make-corpus.ts';
import { makeTinyModel } from '../../../support/tiny-model.ts';
import { trainSpec } from '../../../support/train-jobs.ts';

describe('the jobs of the page', { skip: BROWSER_MISSING }, () => {
  let corpus: Corpus;
  let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
  let service: JobService;
  let browser: Browser;
  before(async () => {
    [corpus, tiny] = await Promise.all([makeCorpus(12), makeTinyModel()]);
    service = await startJobService(tiny.home, corpus);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
    await corpus?.remove();
    await tiny?.remove();
  });

  const open = async (hash: string) => {
    const opened = await openPage(browser, service.address, { expected: /status of (400|404)/ });
    await opened.page.goto(`${service.address}/${hash}`);
    return opened;
  };
  const specJson = (page: Page) => page.getByLabel('The spec as JSON');
  const readSpec = async (page: Page) => JSON.parse(await specJson(page).inputValue());

  it('submits a job by its form or as JSON, which stay equal, and shows an error beside its field', async () => {
    const { page, problems } = await open('#/jobs');
    await page.getByText('There are no jobs yet').waitFor();
    await page.getByRole('link', { name: 'New job' }).first().click();
    await page.getByLabel('Output').fill('checked');
    await page.getByLabel('Limit').fill('-1');
    assert.deepEqual(await readSpec(page), { type: 'embed', dataset: { limit: -1 }, output: 'checked' });

    const spec = { type: 'embed', output: 'checked', dry_run: true, dataset: { ...corpus.dataset, limit: -1 } };
    await specJson(page).fill(JSON.stringify(spec));
    assert.equal(await page.getByLabel('Manifest').inputValue(), corpus.dataset.manifest);
    assert.equal(await page.getByLabel('Dry run').locator('option:checked').innerText(), 'yes');
    await specJson(page).fill(`${JSON.stringify(spec)},`);
    await page.getByText('The form has the last spec that could be read.').waitFor();
    assert.equal(await page.getByLabel('Output').inputValue(), 'checked');
    await specJson(page).fill(JSON.stringify(spec));
    assert.deepEqual(await findViolations(page), []);

    await page.getByRole('button', { name: 'Submit the job' }).click();
    const limit = page.getByLabel('Limit');
    await limit.and(page.locator('[aria-invalid=true]:focus')).waitFor();
    assert.match(await page.getByRole('alert').innerText(), /^dataset\.limit: /);
    await limit.fill('');
    await page.getByRole('button', { name: 'Submit the job' }).click();
    await page.getByText('succeeded').waitFor();
    await page.getByRole('heading', { name: 'embed checked' }).waitFor();
    assert.deepEqual(problems, []);
  });

  it('shows the losses of a training as it goes, and cancels it once that is confirmed', async () => {
    const { id } = await service.submit(trainSpec(corpus, 'long', { training: { epochs: 10_000 } }));
    const { page, problems } = await open(`#/jobs/${id}`);
    const legend = page.locator('.chart-legend').first();
    await legend.getByText(/^Loss: /).waitFor();
    const step = page.locator('.numbers div').filter({ hasText: /^Step/ }).locator('dd');
    const first = Number(await step.innerText());
    await page.waitForFunction(
      (last) =>
        Number(
          [...document.querySelectorAll('.numbers div')]
            .find((div) => div.textContent?.startsWith('Step'))
            ?.querySelector('dd')?.textContent,
        ) > last,
      first,
    );
    assert.deepEqual(await findViolations(page), []);

    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByRole('button', { name: 'Let it run' }).click();
    assert.equal((await service.get(id)).state, 'running');
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel train long?' });
    await dialog.getByRole('button', { name: 'Cancel the job' }).click();
    await page.locator('.job-state').getByText('cancelled').waitFor();
    assert.deepEqual(problems, []);
  });

  it('links the report and the files of a training that has ended, and lists it by its state', async () => {
    const { id } = await service.submit(trainSpec(corpus, 'short'));
    await service.waitForEnd(id);
    const { page, problems } = await open('#/jobs?state=succeeded');
    await page.getByRole('link', { name: 'train short' }).click();
    await page.getByText('Validation losses').first().waitFor();
    const [report] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: 'Open report.html' }).click(),
    ]);
    await report.getByText('Training of short').first().waitFor();
    assert.deepEqual(problems, []);
  });

  it('says that there is no such job', async () => {
    const { page } = await open('#/jobs/00000000-0000-4000-8000-000000000000');
    await page.getByRole('alert').getByText('not_found').waitFor();
  });
});
