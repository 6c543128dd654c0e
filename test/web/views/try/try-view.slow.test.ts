import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { BROWSER_MISSING, findViolations, openBrowser, openPage } from '../../../support/browser.ts';
import { drawPanel } from '../../../support/images.ts';
import { useTinyService } from '../../../support/tiny-service.ts';

const [WIDTH, HEIGHT] = [400, 600];
const HOSTILE_TEXT = `<img src=x onerror="document.title='hacked'"><b>rain</b>`;

describe('trying a model on a page', { skip: BROWSER_MISSING }, () => {
  const service = useTinyService({}, { skipped: BROWSER_MISSING !== false });
  let browser: Browser;
  let picture: { name: string; mimeType: string; buffer: Buffer };
  before(async () => {
    const buffer = await drawPanel(1, WIDTH, HEIGHT).png().toBuffer();
    picture = { name: 'page.png', mimeType: 'image/png', buffer };
    browser = await openBrowser();
  });
  after(() => browser?.close());

  async function openPicture(options: BrowserContextOptions & { readonly expected?: RegExp } = {}) {
    const opened = await openPage(browser, service.address, options);
    const { page } = opened;
    await page.goto(`${service.address}/#/try`);
    await page.locator('input[type=file]').setInputFiles(picture);
    await page.getByRole('img', { name: 'The page page.png' }).waitFor();
    return opened;
  }

  const choosePanelFile = (page: Page, json: object) =>
    page
      .locator('input[type=file]')
      .nth(1)
      .setInputFiles({ name: 'page.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(json)) });

  it('embeds boxes that were drawn by mouse and moved by keyboard', async () => {
    const { page, problems } = await openPicture();
    const editor = await page.locator('.box-editor svg').boundingBox();
    assert.ok(editor);
    const scale = editor.width / WIDTH;
    await page.mouse.move(editor.x + 20 * scale, editor.y + 20 * scale);
    await page.mouse.down();
    await page.mouse.move(editor.x + 220 * scale, editor.y + 120 * scale, { steps: 3 });
    await page.mouse.up();
    const [x, width] = await Promise.all(
      ['x', 'width'].map((name) => page.getByLabel(name, { exact: true }).inputValue()),
    );
    assert.ok(Math.abs(Number(x) - 20) <= 1 && Math.abs(Number(width) - 200) <= 2, `${x} ${width}`);

    await page.getByRole('button', { name: 'Add a box' }).click();
    const second = page.getByRole('button', { name: /^Panel 2, 200 by 300 pixels at 100, 150/ });
    await second.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowLeft');
    await page.getByRole('button', { name: /^Panel 2, 197 by 300 pixels at 100, 153/ }).waitFor();

    await page.getByLabel('Text').first().fill('a cat');
    await page.getByRole('button', { name: 'Embed the panels' }).click();
    await page.getByText('2 vectors of 16 numbers by tiny@1').waitFor();
    await page.getByRole('img', { name: 'The vector of panel 2' }).waitFor();
    const cosines = page.getByRole('table', { name: /^Cosines/ });
    assert.equal(await cosines.getByRole('cell', { name: '1.00' }).count(), 2);
    assert.match(await page.locator('.curl-command').innerText(), /--form-string 'request=\{"panels":\[\{"bbox":\[\d+/);
    assert.deepEqual(await findViolations(page), []);

    await second.or(page.getByRole('button', { name: /^Panel 2, / })).focus();
    await page.keyboard.press('Delete');
    assert.equal(await page.getByRole('group', { name: /^Panel \d$/ }).count(), 1);
    assert.deepEqual(problems, []);
  });

  it('sends a panel file as it was saved, shows its texts as text, and finds more with a panel of it', async () => {
    const { page, problems } = await openPicture({ expected: /status of (404|503)/ });
    await choosePanelFile(page, {
      panels: [
        { panel_number: 1, box_2d: [0, 0, 500, 1000], description: 'a cat', text_content: [{ text: HOSTILE_TEXT }] },
      ],
      tool: 'x',
    });
    await page.getByText('1 vector of 16 numbers').waitFor();
    assert.equal(await page.getByLabel('Text').inputValue(), `a cat ${HOSTILE_TEXT}`);
    assert.equal(await page.getByLabel('height').inputValue(), '300');
    await page.getByText('Fields that have no meaning here: tool').waitFor();
    assert.equal(await page.locator('main b').count(), 0);
    assert.equal(await page.title(), 'Try · panelvec');
    await page.getByLabel('Text').fill('a dog');
    await page.getByText('boxes are now sent in pixels').waitFor();

    await page.getByRole('button', { name: 'Search with panel 1' }).click();
    await page.getByRole('heading', { level: 1, name: 'Search' }).waitFor();
    assert.match(page.url(), /#\/search\?picture=/);
    await page.goBack();
    await page.getByRole('img', { name: 'The page page.png' }).waitFor();
    assert.deepEqual(problems, []);
  });

  it('says what is wrong with a file, in the words of the service', async () => {
    const { page } = await openPicture({ expected: /status of 400/ });
    await choosePanelFile(page, { panels: [{ bbox: [900, 900, 10, 10] }] });
    await page.getByRole('alert').getByText('panels[0].bbox').waitFor();
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ ...picture, name: 'bad.png', buffer: Buffer.from('x') });
    await page.getByText('bad.png is not a picture that this browser can show.').waitFor();
  });

  it('fits a phone', async () => {
    const { page } = await openPicture({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await page.getByLabel('Draw with the finger').waitFor();
    await page.getByRole('button', { name: 'Add a box' }).click();
    await page.getByRole('button', { name: 'Embed the panels' }).click();
    await page.getByText('1 vector of 16 numbers').waitFor();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390);
    assert.deepEqual(await findViolations(page), []);
  });
});
