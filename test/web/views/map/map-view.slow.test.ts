import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { getCollection } from '../../../../src/collections/collection-records.ts';
import { makeCollectionMap } from '../../../../src/collections/map/make-collection-map.ts';
import { boundsOf } from '../../../../src/web/views/map/map-geometry.ts';
import { BROWSER_MISSING, findViolations, openBrowser, openPage } from '../../../support/browser.ts';
import { useCollectionService } from '../../../support/collection-service.ts';
import { decodeMapPoints } from '../../../support/map-points.ts';

const MARKUP = '<img src=x onerror=alert(1)>';
const PAGES = 12;

describe('the map view', { skip: BROWSER_MISSING }, () => {
  const service = useCollectionService();
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
    await service.fill(
      'comics',
      Array.from({ length: PAGES }, (_, page) => ({
        canonicalId: `${page % 2 ? 'odd' : 'even'}/${page}`,
        book: page % 2 ? 'odd' : 'even',
        pageType: page === 0 ? 'cover' : 'story',
        texts: [MARKUP, null],
      })),
    );
    await service.fill('plain', [{ canonicalId: 'one/1', texts: [null] }]);
    await service.services.collections.use(async (database) =>
      makeCollectionMap(database, await getCollection(database, 'comics'), 1, new AbortController().signal),
    );
  });
  after(() => browser?.close());

  const open = async (hash: string, options = {}) => {
    const watched = await openPage(browser, service.address, { viewport: { width: 1280, height: 1200 }, ...options });
    await watched.page.goto(`${service.address}/${hash}`);
    return watched;
  };
  const heading = (page: Page) => page.locator('.map-list h2').textContent();

  it('lists clusters, colours, and what is drawn around', async () => {
    const { page, problems } = await open('#/map');
    await page.locator('.map-clusters button').first().waitFor();
    await page.locator('.map-canvas canvas').waitFor();

    const first = page.locator('.map-clusters button').first();
    await first.click();
    await page.locator('.map-list .panel-card').first().waitFor();
    const panels = /(\d+) panels/.exec((await first.textContent()) ?? '')?.[1];
    assert.equal(await heading(page), `Cluster 1: ${panels} panels`);
    assert.equal(await first.getAttribute('aria-pressed'), 'true');

    await page.getByLabel('Colour by').selectOption('book');
    assert.match(page.url(), /colour=book/);
    await page.getByRole('button', { name: 'odd 12' }).click();
    assert.equal(await heading(page), 'odd: 12 panels');

    await page.getByRole('button', { name: 'Draw around panels' }).click();
    const box = await page.locator('.map-lasso').boundingBox();
    assert.ok(box);
    const corners = [0.01, 0.99].flatMap((x) => [
      [x, x === 0.01 ? 0.01 : 0.99] as const,
      [x, x === 0.01 ? 0.99 : 0.01] as const,
    ]);
    for (const [i, [x, y]] of corners.entries()) {
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 3 });
      if (i === 0) await page.mouse.down();
    }
    await page.mouse.up();
    await page.getByRole('heading', { name: `In the area: ${2 * PAGES} panels` }).waitFor();
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it('shows the panel of a point, its text as text', async () => {
    const { page, problems } = await open('#/map');
    await page.locator('.map-canvas canvas').waitFor();
    await page.getByRole('button', { name: 'List what is visible' }).click();
    assert.equal(await heading(page), `On the visible part of the map: ${2 * PAGES} panels`);
    const card = page.locator('.panel-card', { hasText: MARKUP }).first();
    await card.locator('a').click();
    await page.locator('dialog[open]').waitFor();
    assert.match(page.url(), /#\/map\?.*panel=/);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });

    // The list below the map had the focus.
    await page.locator('.map-frame').scrollIntoViewIfNeeded();
    const canvas = await page.locator('.map-canvas').boundingBox();
    assert.ok(canvas);
    const response = await fetch(`${service.address}/v1/collections/comics/map/points`);
    const { places } = decodeMapPoints(Buffer.from(await response.arrayBuffer()));
    const { minX, minY, maxX, maxY } = boundsOf(places);
    // All points fill nine tenths of the canvas at first.
    const scale = 0.9 * Math.min(canvas.width / (maxX - minX), canvas.height / (maxY - minY));
    await page.mouse.move(
      canvas.x + canvas.width / 2 + scale * ((places[0] ?? 0) - (minX + maxX) / 2),
      canvas.y + canvas.height / 2 - scale * ((places[1] ?? 0) - (minY + maxY) / 2),
      { steps: 4 },
    );
    const hover = page.locator('.map-hover');
    await hover.waitFor();
    assert.match((await hover.textContent()) ?? '', /(odd|even)\d+ · panel/);
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it('has the lists where there is no WebGL, and no violation in light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, problems } = await open('#/map', { colorScheme });
      await page.locator('.map-clusters .picture').first().waitFor();
      assert.deepEqual(await findViolations(page), []);
      await page.addInitScript('HTMLCanvasElement.prototype.getContext = () => null');
      await page.reload();
      await page.getByText('it needs WebGL 2').waitFor();
      await page.locator('.map-clusters button').first().click();
      await page.locator('.map-list .panel-card').first().waitFor();
      assert.deepEqual(problems, []);
      await page.context().close();
    }
  });

  it('says which collection has no map', async () => {
    const { page } = await open('#/map?collection=plain');
    await page.getByText('This collection has no map').waitFor();
    await page.goto(`${service.address}/#/map?collection=none`);
    await page.getByText('There is no collection none').waitFor();
    await page.context().close();
  });
});
