import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { PanelResponse } from '../../../../src/http/routes/collections/panel-response.ts';
import { drawPngPanel } from '../../../support/images.ts';
import { type JobService, startJobService } from '../../../support/job-service-process.ts';
import { runPanelvec } from '../../../support/run-panelvec.ts';
import { makeTinyModel } from '../../../support/tiny-model.ts';

const TEXTS = [
  '</script><script>alert(1)</script><img src=x onerror="alert(2)">',
  `"; DROP TABLE panelvec.collections; -- ' \\ {{7*7}} \${7*7} %s %00`,
  '\u{1F600}\u{20BB7} \u202Eمرحبا\u202C שלום',
  '\u001b[2J\u001b[31mred\u0007',
  '../../../../etc/passwd',
  // Half a character, and the character that PostgreSQL does not store
  'half \ud83d nul \0',
];
/** The reader of panel files takes half characters out. */
const SHOWN_TEXTS = TEXTS.map((text) => text.replaceAll(/\p{Surrogate}/gu, '').replace('\0', '\uFFFD'));
/** Ids of pages, which have the same texts */
const IDS = [
  `<b onclick='x'>"Book"</b>/page & 1`,
  'كتاب \u{1F600}\u{20BB7}/صفحة ١',
  `Robert'); DROP TABLE/"1"`,
  '__proto__/constructor',
];
/** A page whose files would lie outside of the dataset */
const OUTSIDE_ID = '../../outside/page_1';

let folder: string;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  [folder, tiny] = await Promise.all([mkdtemp(path.join(tmpdir(), 'panelvec-hostile-')), makeTinyModel()]);
  const quote = (field: string) => `"${field.replaceAll('"', '""')}"`;
  const rows = [...IDS, OUTSIDE_ID].map((id, i) => `${quote(id)},page-${i}.png\n`);
  await writeFile(path.join(folder, 'manifest.csv'), `canonical_id,absolute_image_path\n${rows.join('')}`);
  for (const [i, id] of IDS.entries()) {
    await writeFile(path.join(folder, `page-${i}.png`), await drawPngPanel(i));
    const file = path.join(folder, 'vlm', `${id}.json`);
    await mkdir(path.dirname(file), { recursive: true });
    const panels = TEXTS.map((text, panel) => ({ box_2d: [0, 0, 500, 200 + 100 * panel], text_content: [{ text }] }));
    await writeFile(file, JSON.stringify({ overall_summary: TEXTS[0], panels }));
  }
  service = await startJobService(tiny.home, { folder }, { PANELVEC_SEARCH: 'on' });
});
after(async () => {
  await service.stop();
  await tiny.remove();
  await rm(folder, { recursive: true, force: true });
});

describe('a dataset with hostile names and texts', () => {
  const get = (url: string) => request(service.address).get(url);
  const search = (fields: object) =>
    request(service.address)
      .post('/v1/search')
      .send({ collection: 'c', ...fields });

  it('is indexed, searched and shown as it is written', async () => {
    const dataset = { manifest: 'manifest.csv', panels: { format: 'vlm', root: 'vlm' }, only_narrative: false };
    const job = await service.submit({ type: 'index', output: 'c', dataset, max_bad_pages: 0.5 });
    const { state, error } = await service.waitForEnd(job.id);
    assert.equal(state, 'succeeded', JSON.stringify(error));

    const { body } = await search({ text: 'boom!', top_k: 100, exact: true }).expect(200);
    const panels: PanelResponse[] = body.data;
    assert.deepEqual(new Set(panels.map(({ canonical_id }) => canonical_id)), new Set(IDS));
    assert.equal(panels.length, IDS.length * TEXTS.length);
    for (const id of IDS) {
      const texts = panels.filter(({ canonical_id }) => canonical_id === id).map(({ text }) => text);
      assert.deepEqual(new Set(texts), new Set(SHOWN_TEXTS));
    }
    for (const { id, book, image_url, page_url } of panels) {
      assert.match(id, /^[0-9a-f]{16}$/);
      assert.equal(image_url, `/v1/collections/c/panels/${id}/image`);
      const { body: shown, headers } = await get(`/v1/collections/c/panels/${id}`).expect(200);
      assert.deepEqual([shown.book, shown.page.summary], [book, TEXTS[0]]);
      assert.match(headers['content-type'] ?? '', /^application\/json/);
      await get(`${image_url}?width=160`).expect(200).expect('content-type', 'image/jpeg');
      await get(page_url).expect(200).expect('content-type', 'image/png');
    }
    const { body: facets } = await get('/v1/collections/c/facets').expect(200);
    const [{ value }] = facets.books;
    const { body: filtered } = await search({ text: 'boom!', filters: { book: value } }).expect(200);
    assert.ok(filtered.data.every(({ book }: PanelResponse) => book === value));
  });

  it('does not make a terminal obey', async () => {
    const environment = { PORT: new URL(service.address).port };
    const { code, stdout, stderr } = await runPanelvec(['search', 'boom!', '--top-k', '100'], environment);
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trimEnd().split('\n').length, IDS.length * TEXTS.length);
    assert.doesNotMatch(stdout, /[^\P{Cc}\n]|[\u202a-\u202e]/u);
  });
});
