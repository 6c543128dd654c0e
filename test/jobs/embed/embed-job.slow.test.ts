import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import type { PageTotals } from '../../../src/jobs/pages/page-report.ts';
import { hashFiles, type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { readZarrStore } from '../../support/read-zarr.ts';
import { MAIN_FILE } from '../../support/service-process.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

const PAGES = 110;

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(PAGES), makeTinyModel()]);
  const other = await makeTinyModel({ name: 'other', mode: 'reference' });
  await cp(other.folder, path.join(tiny.home, 'models/other'), { recursive: true });
  await other.remove();
  service = await startJobService(tiny.home, corpus, { PANELVEC_MODELS: 'tiny,other' });
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await tiny.remove();
});

const spec = (output: string, extraFields: object = {}) => ({
  type: 'embed',
  output,
  dataset: corpus.dataset,
  ...extraFields,
});
const storePath = (output: string, ...parts: string[]) => path.join(tiny.home, 'stores', output, ...parts);
const readJson = async (file: string) => JSON.parse(await readFile(file, 'utf8'));
const readJsonLines = async (file: string) =>
  (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function runJob(body: object) {
  const { id } = await service.submit(body);
  return service.waitForEnd(id);
}

const panelFile = (page: number) =>
  path.join(corpus.folder, 'vlm', `Book ${Math.floor(page / 20)}`, `page_${String(page % 20).padStart(3, '0')}.json`);

describe('a store', () => {
  before(async () => assert.equal((await runJob(spec('plain'))).state, 'succeeded'));

  it('has the shape, masks and metadata of the pages, in the order of the labels', async () => {
    const store = await readZarrStore(storePath('plain', 'embeddings.zarr'));
    assert.deepEqual(store.shape, { pages: PAGES, panels: 16, dimensions: 16 });
    const metadata = await readJson(storePath('plain', 'metadata.json'));
    assert.equal(metadata.length, PAGES);
    for (const chunk of [0, 1]) {
      const { embeddings, masks } = await store.readChunk(chunk);
      for (let page = 0; chunk * 100 + page < PAGES && page < 100; page++) {
        const entry = metadata[chunk * 100 + page];
        const panels = (chunk * 100 + page) % 6;
        const originalKeys = ['sequence_index', 'canonical_id', 'num_panels', 'overall_summary'];
        assert.deepEqual(Object.keys(entry), [...originalKeys, 'manifest_id', 'panels_id']);
        assert.deepEqual([entry.sequence_index, entry.num_panels], [chunk * 100 + page, panels]);
        assert.equal(entry.overall_summary, `page ${chunk * 100 + page} – “drawn”`);
        const mask = [...masks.subarray(page * 16, (page + 1) * 16)];
        assert.deepEqual(
          mask,
          // A page without panels has its first mask set, over a vector of zeros.
          Array.from({ length: 16 }, (_, i) => (i < Math.max(panels, 1) ? 1 : 0)),
        );
        const absent = embeddings.subarray((page * 16 + panels) * 16, (page + 1) * 256);
        assert.ok(absent.every((value) => value === 0));
      }
    }
    assert.deepEqual(metadata[25].canonical_id, 'Book 1/page_005');
  });

  it('has metadata of plain ASCII, in the form of json.dump with an indent of 2', async () => {
    const text = await readFile(storePath('plain', 'metadata.json'), 'utf8');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
    assert.match(text, /^[\x00-\x7f]*$/);
    const first =
      '[\n  {\n    "sequence_index": 0,\n    "canonical_id": "Book 0/page_000",\n    "num_panels": 0,\n' +
      '    "overall_summary": "page 0 \\u2013 \\u201cdrawn\\u201d",\n' +
      '    "manifest_id": "Book 0/page_000",\n    "panels_id": "Book 0/page_000"\n  },\n  {\n';
    assert.ok(text.startsWith(first), text.slice(0, 200));
    assert.ok(text.endsWith('\n  }\n]'));
  });

  it('tells of each vector which panel it is, with its number, its box and its pixels', async () => {
    const lines = await readJsonLines(storePath('plain', 'panels.jsonl'));
    const metadata = await readJson(storePath('plain', 'metadata.json'));
    assert.equal(
      lines.length,
      metadata.reduce((sum: number, page: { num_panels: number }) => sum + page.num_panels, 0),
    );
    const page = 23;
    const { panels } = await readJson(panelFile(page));
    const ofPage = lines.filter(({ sequence_index: index }) => index === page);
    assert.equal(ofPage.length, 5);
    const [cat, rain, boom, who] = ['a cat sits, and waits.', 'rain falls on the roof.', 'boom!', 'who goes there?'];
    const texts = [cat, rain, who, `${rain} ${cat}`, boom];
    for (const [i, { crop, gate, ...line }] of ofPage.entries()) {
      const { box_2d: box } = panels[i];
      const place = { panel_index: i, panel_number: i + 1, box, text: texts[i] };
      assert.deepEqual(line, { sequence_index: page, panel: i, canonical_id: 'Book 1/page_003', ...place });
      const scaled = [box[1] * 0.09, box[0] * 0.12, box[3] * 0.09, box[2] * 0.12];
      assert.deepEqual(crop, scaled.map(Math.trunc));
      assert.ok(Math.abs(gate[0] + gate[1] + gate[2] - 1) < 1e-4, `the shares are ${gate}`);
    }
  });

  it('tells of each page its type and where its image is', async () => {
    const lines = await readJsonLines(storePath('plain', 'pages.jsonl'));
    assert.equal(lines.length, PAGES);
    assert.deepEqual(lines[25], {
      sequence_index: 25,
      canonical_id: 'Book 1/page_005',
      page_type: 'narrative',
      image: path.join(corpus.folder, 'pages/1.jpg'),
      image_member: null,
      summary: 'page 25 – “drawn”',
    });
  });

  it('names its pages as the labels do, whatever the manifest and the panel files write', async () => {
    const labels = path.join(corpus.folder, 'bridged.json');
    await writeFile(labels, JSON.stringify({ 'amazon/BOOK 0/page_001.jpg': 'narrative', 'Book 0/page_002': 'story' }));
    const { state, error } = await runJob(spec('bridged', { dataset: { ...corpus.dataset, pss_labels: labels } }));
    assert.equal(state, 'succeeded', JSON.stringify(error));
    const metadata: object[] = await readJson(storePath('bridged', 'metadata.json'));
    const ids = { manifest_id: 'Book 0/page_001', panels_id: 'Book 0/page_001' };
    const first = { sequence_index: 0, canonical_id: 'amazon/BOOK 0/page_001.jpg', num_panels: 1 };
    assert.deepEqual(metadata[0], { ...first, overall_summary: 'page 1 – “drawn”', ...ids });
    const [panel] = await readJsonLines(storePath('bridged', 'panels.jsonl'));
    assert.equal(panel.canonical_id, 'amazon/BOOK 0/page_001.jpg');
  });

  it('names its space and model, and nothing else about the job', async () => {
    const attributes = await readJson(storePath('plain', 'embeddings.zarr', '.zattrs'));
    const { body } = await request(service.address).get('/v1/models/tiny').expect(200);
    assert.deepEqual([attributes.model, attributes.space], [body.id, body.space]);
    assert.equal(attributes.empty_pages, 'zero_vector');
    assert.deepEqual((await readdir(storePath('plain'))).sort(), [
      'embeddings.zarr',
      'errors.jsonl',
      'metadata.json',
      'pages.jsonl',
      'panels.jsonl',
      'report.json',
      'skipped.jsonl',
    ]);
  });

  it('has exactly the vectors of the page route', async () => {
    const page = 23;
    const image = await readFile(path.join(corpus.folder, `pages/${page % 24}.jpg`));
    const { body } = await request(service.address)
      .post('/v1/embeddings/page')
      .field('request', await readFile(panelFile(page), 'utf8'))
      .attach('image', image, 'page.jpg')
      .expect(200);
    const { embeddings } = await (await readZarrStore(storePath('plain', 'embeddings.zarr'))).readChunk(0);
    const expected = body.data[0].panel_embeddings.flat().map(Math.fround);
    assert.equal(expected.length, 5 * 16);
    assert.deepEqual([...embeddings.subarray(page * 256, page * 256 + 80)], expected);
  });

  it('is not made again for the same spec, and not changed for another model', async () => {
    const before = await hashFiles(storePath('plain'));
    const chunk = storePath('plain', 'embeddings.zarr', 'panel_embeddings', '0.0.0');
    const { mtimeMs } = await stat(chunk);
    const again = await runJob(spec('plain'));
    assert.equal(again.state, 'succeeded');
    assert.equal(again.artifacts.length, 7);
    assert.equal((await stat(chunk)).mtimeMs, mtimeMs);
    const other = await runJob(spec('plain', { model: 'other' }));
    assert.deepEqual([other.state, other.error!.code], ['failed', 'output_conflict']);
    assert.match(other.error!.message, /"plain" is there already with another model/);
    const fewer = await runJob(spec('plain', { dataset: { ...corpus.dataset, limit: 50 } }));
    assert.equal(fewer.error!.code, 'output_conflict');
    const masked = await runJob(spec('plain', { empty_pages: 'masked' }));
    assert.equal(masked.error!.code, 'output_conflict');
    assert.match(masked.error!.message, /another empty_pages \("zero_vector"; expected "masked"\)/);
    const otherBoxes = { ...corpus.dataset.panels, box_scale: 'pixels' };
    const scaled = await runJob(spec('plain', { dataset: { ...corpus.dataset, panels: otherBoxes } }));
    assert.match(scaled.error!.message, /another panel_options/);
    assert.deepEqual(await hashFiles(storePath('plain')), before);
    assert.deepEqual((await readdir(storePath('plain'))).includes('.work'), false);
  });

  it('has the same bytes with an empty feature cache, a full one, and none', async () => {
    const expected = await hashFiles(storePath('plain'));
    assert.equal((await runJob(spec('cached'))).state, 'succeeded');
    assert.deepEqual(await hashFiles(storePath('cached')), expected);
    const uncached = await makeTinyModel();
    const fresh = await startJobService(uncached.home, corpus, { PANELVEC_MAX_FEATURES_BYTES: '0' });
    const { id } = await fresh.submit(spec('fresh'));
    assert.equal((await fresh.waitForEnd(id)).state, 'succeeded');
    await fresh.stop();
    assert.deepEqual(await hashFiles(path.join(uncached.home, 'stores/fresh')), expected);
    await uncached.remove();
  });
});

describe('pages that cannot be read', () => {
  let badCorpus: Corpus;
  let service: JobService;
  before(async () => {
    badCorpus = await makeCorpus(60);
    const badPanelFile = (page: number) =>
      path.join(badCorpus.folder, 'vlm', panelFile(page).slice(corpus.folder.length + 5));
    const images = path.join(badCorpus.folder, 'pages');
    await rm(path.join(images, '3.jpg'));
    const imageBytes = await readFile(path.join(images, '4.jpg'));
    await writeFile(path.join(images, '4.jpg'), imageBytes.subarray(0, imageBytes.length / 2));
    await writeFile(path.join(images, '5.jpg'), 'GIF89a, or so');
    await rm(path.join(images, '7.jpg'));
    await copyFile(path.join(images, '8.jpg'), path.join(tiny.home, 'elsewhere.jpg'));
    await symlink(path.join(tiny.home, 'elsewhere.jpg'), path.join(images, '7.jpg'));
    await writeFile(badPanelFile(10), '{"panels": [');
    await writeFile(badPanelFile(11), '["not", "a", "page"]');
    const page = await readJson(badPanelFile(17));
    page.panels[1].box_2d = [900, 100, 800, 200];
    page.panels[2].description = 7;
    page.panels[3].description = '猫が好き！';
    page.panels[3].text_content = [];
    page.panels[4].description = 'rain falls on the roof of the house.';
    page.panels.push('no panel');
    await writeFile(badPanelFile(17), JSON.stringify(page));
    service = await startJobService(tiny.home, badCorpus, {
      PANELVEC_HOME: path.join(badCorpus.folder, 'home'),
      PANELVEC_MODELS: tiny.folder,
    });
  });
  after(async () => {
    await service.stop();
    await badCorpus.remove();
  });
  const badSpec = (output: string, maxBadPages: number) => ({
    type: 'embed',
    output,
    dataset: badCorpus.dataset,
    max_bad_pages: maxBadPages,
  });
  const madePath = (...parts: string[]) => path.join(badCorpus.folder, 'home/stores', ...parts);

  it('get no true mask if that is wanted, and a line with the reason, and the job continues', async () => {
    const { id } = await service.submit({ ...badSpec('ledger', 0.5), empty_pages: 'masked' });
    const job = await service.waitForEnd(id);
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
    const errorLines = await readJsonLines(madePath('ledger/errors.jsonl'));
    const reasons = errorLines.map(({ sequence_index: page, reason }): [number, string] => [page, reason]);
    const reasonByImage = {
      3: 'image_missing',
      4: 'image_unreadable',
      5: 'unsupported_media_type',
      7: 'outside_data_roots',
    };
    const expected = [3, 4, 5, 7, 27, 28, 29, 31, 51, 52, 53, 55].map((page): [number, string] => [
      page,
      reasonByImage[(page % 24) as keyof typeof reasonByImage],
    ]);
    expected.push([10, 'panels_unreadable'], [11, 'not_an_object']);
    assert.deepEqual(
      reasons,
      expected.sort(([a], [b]) => a - b),
    );
    const store = await readZarrStore(madePath('ledger/embeddings.zarr'));
    const { masks, embeddings } = await store.readChunk(0);
    for (const [page] of reasons) {
      assert.ok(
        masks.subarray(page * 16, (page + 1) * 16).every((mask) => mask === 0),
        `page ${page}`,
      );
      assert.ok(embeddings.subarray(page * 256, (page + 1) * 256).every((value) => value === 0));
    }
    const id17 = 'Book 0/page_017';
    const skipped = await readJsonLines(madePath('ledger/skipped.jsonl'));
    const ofPage17 = skipped.filter(({ id }) => id === id17);
    assert.ok(skipped.every((line) => ofPage17.includes(line) || line.note === 'text_truncated'));
    assert.deepEqual(ofPage17, [
      { id: id17, panel: 1, reason: 'no_area' },
      { id: id17, panel: 5, reason: 'not_an_object' },
      { id: id17, panel: 2, note: 'bad_text' },
      { id: id17, panel: 3, note: 'unknown_text' },
      { id: id17, panel: 4, note: 'text_truncated' },
    ]);
    assert.deepEqual([...masks.subarray(17 * 16, 17 * 16 + 6)], [1, 1, 1, 1, 0, 0]);
    const panels = await readJsonLines(madePath('ledger/panels.jsonl'));
    const placed17 = panels.filter(({ canonical_id: id }) => id === id17);
    assert.deepEqual(
      placed17.map(({ panel, panel_index, panel_number }) => [panel, panel_index, panel_number]),
      [
        [0, 0, 1],
        [1, 2, 3],
        [2, 3, 4],
        [3, 4, 5],
      ],
    );
    const { store: totals } = await readJson(madePath('ledger/report.json'));
    assert.deepEqual([totals.pages, totals.bad_pages], [60, 14]);
    assert.deepEqual(totals.skipped_panels, { no_area: 1, not_an_object: 1 });
    const { text_truncated: truncated, ...notes } = totals.notes;
    assert.deepEqual(notes, { bad_text: 1, unknown_text: 1 });
    assert.equal(truncated, skipped.filter(({ note }) => note === 'text_truncated').length);
    assert.equal(totals.examples.bad_pages.image_missing[0].id, 'Book 0/page_003');
  });

  it('fail the job if there are too many; a new job continues it once they are repaired', async () => {
    const first = await service.waitForEnd((await service.submit(badSpec('mended', 0.1))).id);
    assert.deepEqual([first.state, first.error!.code], ['failed', 'too_many_bad_pages']);
    assert.match(first.error!.message, /14 of 60 pages .* 6 that are tolerated: /);
    assert.match(first.error!.message, /3 image_missing \(Book 0\/page_003, Book 1\/page_007, Book 2\/page_011\)/);
    assert.match(first.error!.message, /1 panels_unreadable \(Book 0\/page_010\)/);
    assert.deepEqual(
      first.artifacts.map(({ name }) => name),
      ['report.json', 'errors.jsonl', 'skipped.jsonl'],
    );
    const download = (name: string) => fetch(`${service.address}/v1/jobs/${first.id}/artifacts/${name}`);
    const { index, store } = (await (await download('report.json')).json()) as { index: object; store: PageTotals };
    assert.deepEqual([store.pages, store.bad_pages, store.bad_pages_by_reason['image_missing']], [60, 14, 3]);
    assert.equal(store.examples.bad_pages['panels_unreadable']?.[0]?.id, 'Book 0/page_010');
    assert.equal((index as { kept: number }).kept, 60);
    const errors = (await (await download('errors.jsonl')).text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(errors.length, 14);
    assert.equal(errors[0].reason, 'image_missing');
    for (const image of [3, 4, 5]) {
      await copyFile(path.join(badCorpus.folder, 'pages/6.jpg'), path.join(badCorpus.folder, `pages/${image}.jpg`));
    }
    const again = await service.waitForEnd((await service.submit(badSpec('mended', 0.1))).id);
    assert.equal(again.state, 'succeeded', JSON.stringify(again.error));
    // The reports of the first job stay what they were.
    assert.equal((await (await download('errors.jsonl')).text()).split('\n').length, 15);
    assert.equal((await readJsonLines(madePath('mended/errors.jsonl'))).length, 5);
    const { masks, embeddings } = await (await readZarrStore(madePath('mended/embeddings.zarr'))).readChunk(0);
    const unreadable = 7;
    assert.deepEqual([...masks.subarray(unreadable * 16, unreadable * 16 + 3)], [1, 0, 0]);
    assert.ok(embeddings.subarray(unreadable * 256, (unreadable + 1) * 256).every((value) => value === 0));
    assert.equal((await readJson(madePath('mended/metadata.json')))[unreadable].num_panels, 0);
  });
});

describe('a job that cannot be done', () => {
  it('says that no page is left, and how many there were', async () => {
    const labels = path.join(corpus.folder, 'covers.json');
    await writeFile(labels, JSON.stringify({ 'Book 0/page_000': 'cover', 'Book 9/page_000': 'narrative' }));
    const job = await runJob(spec('empty', { dataset: { ...corpus.dataset, pss_labels: labels } }));
    assert.deepEqual([job.state, job.error!.code, job.error!.param], ['failed', 'dataset_invalid', 'dataset']);
    const reasons = '1 page_type (Book 0/page_000), 1 no_image (Book 9/page_000)';
    assert.equal(job.error!.message, `no page is left of 2 labels and 110 manifest rows: ${reasons}`);
    const response = await fetch(`${service.address}/v1/jobs/${job.id}/artifacts/report.json`);
    const { index } = (await response.json()) as { index: { examples: { no_image: object[] } } };
    assert.deepEqual(index.examples.no_image, [{ id: 'Book 9/page_000', reason: 'no_image' }]);
  });

  it('names a file that is not a manifest, not JSON, or missing', async () => {
    const manifest = path.join(corpus.folder, 'bad.csv');
    await writeFile(manifest, 'a,b\n1,2\n');
    const csv = await runJob(spec('bad-csv', { dataset: { ...corpus.dataset, manifest } }));
    assert.equal(csv.state, 'failed');
    assert.match(csv.error!.message, /bad\.csv.*canonical_id/);
    const labels = path.join(corpus.folder, 'bad.json');
    await writeFile(labels, '{"a": ');
    const broken = await runJob(spec('bad-json', { dataset: { ...corpus.dataset, pss_labels: labels } }));
    assert.equal(broken.state, 'failed');
    assert.match(broken.error!.message, /bad\.json/);
    // Nothing is left of them.
    assert.deepEqual(await readdir(storePath('bad-json')).catch(() => []), []);
  });

  it('fails on a full disk with a clear reason and no incomplete chunk, and continues when there is room', async () => {
    const folder = path.join(corpus.folder, 'full');
    await mkdir(folder);
    const compact = { PANELVEC_HOME: folder, PANELVEC_MODELS: 'compact', PANELVEC_DATA_ROOTS: corpus.folder };
    const small = await startJobService(folder, corpus, { ...compact, PANELVEC_WORKERS: '0' });
    const fewPages = spec('full', { dataset: { ...corpus.dataset, limit: 30 } });
    const startWorker = (shell: string) =>
      execFile('sh', ['-c', `${shell} exec "$@"`, 'sh', process.execPath, MAIN_FILE, 'worker'], {
        env: {
          ...process.env,
          ...compact,
          PANELVEC_PROVIDER: 'cpu',
          PANELVEC_MAX_FEATURES_BYTES: '0',
          LOG_LEVEL: 'silent',
        },
      });
    try {
      const { id } = await small.submit(fewPages);
      // The largest file that it may write stands for the room on the disk: the index fits, a chunk does not.
      const limited = startWorker('ulimit -f 60 &&');
      const { state, error } = await small.waitForEnd(id);
      limited.kill('SIGTERM');
      assert.deepEqual([state, error?.code], ['failed', 'storage_failed'], JSON.stringify(error));
      assert.match(error!.message, /larger than is allowed.*submitted again/);
      const chunks = (array: string) => readdir(path.join(folder, 'stores/full/embeddings.zarr', array));
      assert.deepEqual(
        [await chunks('panel_embeddings'), await chunks('panel_masks')],
        [
          ['.zarray', '.zattrs'],
          ['.zarray', '.zattrs'],
        ],
      );
      const next = await small.submit(fewPages);
      const free = startWorker('');
      assert.equal((await small.waitForEnd(next.id)).state, 'succeeded');
      free.kill('SIGTERM');
      assert.deepEqual(await chunks('panel_masks'), ['.zarray', '.zattrs', '0.0']);
    } finally {
      await small.stop();
    }
  });
});
