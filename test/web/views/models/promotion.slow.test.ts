import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { createKey } from '../../../../src/access/key-records.ts';
import { BROWSER_MISSING, findViolations, openBrowser, openPage } from '../../../support/browser.ts';
import { useCollectionService } from '../../../support/collection-service.ts';
import { makeTinyModel } from '../../../support/tiny-model.ts';
import { waitFor } from '../../../support/wait-for.ts';

describe('models that are put into service by the page', { skip: BROWSER_MISSING }, () => {
  const service = useCollectionService();
  let browser: Browser;
  before(async () => {
    await makeTinyModel({ home: service.home, name: 'second', seed: 2 });
    await makeTinyModel({ home: service.home, name: 'spoilt', seed: 3, hasNanWeights: true });
    browser = await openBrowser();
  });
  after(() => browser?.close());

  async function open() {
    const { page, problems } = await openPage(browser, service.address, { expected: /status of (401|403|409|503)/ });
    await page.goto(`${service.address}/#/models`);
    const model = (id: string) => page.getByRole('article', { name: new RegExp(`^${id} `) });
    const choose = async (id: string) => {
      await model(id).getByRole('button', { name: 'Put into service' }).click();
      const dialog = page.getByRole('dialog', { name: `Put ${id} into service?` });
      await dialog.getByRole('button', { name: 'Put into service' }).click();
      return dialog;
    };
    const isDefault = (id: string) =>
      page
        .getByRole('row', { name: /^default/ })
        .getByRole('cell', { name: new RegExp(`^${id}`) })
        .first();
    return { page, problems, model, choose, isDefault, [Symbol.asyncDispose]: () => page.context().close() };
  }
  const currentModel = () => service.services.models.defaultModel?.id;

  it('refuses one that fails a gate, asks before collections lose their model, and takes it back', async () => {
    await using opened = await open();
    const { page, problems, model, choose, isDefault } = opened;
    await isDefault('tiny@1').waitFor();
    await model('second@1').getByText('available').waitFor();
    assert.equal(await model('tiny@1').getByRole('button', { name: 'Put into service' }).count(), 0);

    const refused = await choose('spoilt@1');
    await refused.getByRole('alert').getByText('golden_mismatch').waitFor();
    assert.equal(await refused.getByRole('button', { name: /nevertheless/ }).count(), 0);
    await refused.getByRole('button', { name: 'Leave it as it is' }).click();
    assert.equal(currentModel(), 'tiny@1');

    await (await choose('second@1')).waitFor({ state: 'detached' });
    await isDefault('second@1').waitFor();
    assert.equal(currentModel(), 'second@1');
    assert.deepEqual(await findViolations(page), []);

    const { space } = service.services.models.find('second@1').model;
    await service.fill('of-second', [{ canonicalId: 'book/page_000', texts: ['rain'] }], space);
    const asked = await choose('tiny@1');
    await asked.getByText('force_required').waitFor();
    await asked.getByText('of-second').waitFor();
    assert.equal(currentModel(), 'second@1');
    await asked.getByRole('button', { name: 'Put into service nevertheless' }).click();
    await asked.waitFor({ state: 'detached' });
    await isDefault('tiny@1').waitFor();

    await page.getByRole('button', { name: 'Take back' }).click();
    const back = page.getByRole('dialog', { name: 'Take back tiny@1?' });
    await back.getByText(/get second@1 again/).waitFor();
    await back.getByRole('button', { name: 'Take back' }).click();
    await back.waitFor({ state: 'detached' });
    await isDefault('second@1').waitFor();
    assert.equal(currentModel(), 'second@1');
    await page.getByRole('button', { name: 'Take back' }).waitFor({ state: 'detached' });
    assert.deepEqual(problems, []);
  });

  it('shows the models to a key that may not change them, without the buttons', async () => {
    const fields = { name: 'reader', scopes: ['search'] as const, expiresAt: null };
    const { key } = await service.services.database.use((database) => createKey(database, fields));
    await waitFor('the service to need keys', () => !service.services.keys.isAnonymousAllowed);
    await using opened = await open();
    const { page, model } = opened;
    await page.getByRole('textbox', { name: 'API key' }).fill(key);
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByRole('row', { name: /^default/ }).waitFor();
    await model('tiny@1').waitFor();
    assert.equal(await page.getByRole('button', { name: /Put into service|Take back/ }).count(), 0);
  });
});
