import assert from 'node:assert/strict';
import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { hashFiles, type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { readJson, readJsonLines } from '../../support/read-json.ts';
import { readZarrStore } from '../../support/read-zarr.ts';
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

async function runJob(body: object) {
  const { id } = await service.submit(body);
  return service.waitForEnd(id);
}

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
    const { panels } = await readJson(corpus.panelFile(page));
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
      .field('request', await readFile(corpus.panelFile(page), 'utf8'))
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
