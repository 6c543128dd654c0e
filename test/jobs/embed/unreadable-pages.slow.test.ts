import assert from 'node:assert/strict';
import { copyFile, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { PageTotals } from '../../../src/jobs/pages/page-report.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { readJson, readJsonLines } from '../../support/read-json.ts';
import { readZarrStore } from '../../support/read-zarr.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(60), makeTinyModel()]);
  const images = path.join(corpus.folder, 'pages');
  await rm(path.join(images, '3.jpg'));
  const imageBytes = await readFile(path.join(images, '4.jpg'));
  await writeFile(path.join(images, '4.jpg'), imageBytes.subarray(0, imageBytes.length / 2));
  await writeFile(path.join(images, '5.jpg'), 'GIF89a, or so');
  await rm(path.join(images, '7.jpg'));
  await copyFile(path.join(images, '8.jpg'), path.join(tiny.home, 'elsewhere.jpg'));
  await symlink(path.join(tiny.home, 'elsewhere.jpg'), path.join(images, '7.jpg'));
  await writeFile(corpus.panelFile(10), '{"panels": [');
  await writeFile(corpus.panelFile(11), '["not", "a", "page"]');
  const page = await readJson(corpus.panelFile(17));
  page.panels[1].box_2d = [900, 100, 800, 200];
  page.panels[2].description = 7;
  page.panels[3].description = '猫が好き！';
  page.panels[3].text_content = [];
  page.panels[4].description = 'rain falls on the roof of the house.';
  page.panels.push('no panel');
  await writeFile(corpus.panelFile(17), JSON.stringify(page));
  service = await startJobService(tiny.home, corpus, {
    PANELVEC_HOME: path.join(corpus.folder, 'home'),
    PANELVEC_MODELS: tiny.folder,
  });
});
after(async () => {
  await service?.stop();
  await corpus?.remove();
  await tiny?.remove();
});
const spec = (output: string, maxBadPages: number) => ({
  type: 'embed',
  output,
  dataset: corpus.dataset,
  max_bad_pages: maxBadPages,
});
const storePath = (...parts: string[]) => path.join(corpus.folder, 'home/stores', ...parts);

describe('pages that cannot be read', () => {
  it('get no true mask if that is wanted, and a line with the reason, and the job continues', async () => {
    const { id } = await service.submit({ ...spec('ledger', 0.5), empty_pages: 'masked' });
    const job = await service.waitForEnd(id);
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
    const errorLines = await readJsonLines(storePath('ledger/errors.jsonl'));
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
    const store = await readZarrStore(storePath('ledger/embeddings.zarr'));
    const { masks, embeddings } = await store.readChunk(0);
    for (const [page] of reasons) {
      assert.ok(
        masks.subarray(page * 16, (page + 1) * 16).every((mask) => mask === 0),
        `page ${page}`,
      );
      assert.ok(embeddings.subarray(page * 256, (page + 1) * 256).every((value) => value === 0));
    }
    const id17 = 'Book 0/page_017';
    const skipped = await readJsonLines(storePath('ledger/skipped.jsonl'));
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
    const panels = await readJsonLines(storePath('ledger/panels.jsonl'));
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
    const { store: totals } = await readJson(storePath('ledger/report.json'));
    assert.deepEqual([totals.pages, totals.bad_pages], [60, 14]);
    assert.deepEqual(totals.skipped_panels, { no_area: 1, not_an_object: 1 });
    const { text_truncated: truncated, ...notes } = totals.notes;
    assert.deepEqual(notes, { bad_text: 1, unknown_text: 1 });
    assert.equal(truncated, skipped.filter(({ note }) => note === 'text_truncated').length);
    assert.equal(totals.examples.bad_pages.image_missing[0].id, 'Book 0/page_003');
  });

  it('fail the job if there are too many; a new job continues it once they are repaired', async () => {
    const first = await service.waitForEnd((await service.submit(spec('mended', 0.1))).id);
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
      await copyFile(path.join(corpus.folder, 'pages/6.jpg'), path.join(corpus.folder, `pages/${image}.jpg`));
    }
    const again = await service.waitForEnd((await service.submit(spec('mended', 0.1))).id);
    assert.equal(again.state, 'succeeded', JSON.stringify(again.error));
    // The reports of the first job stay what they were.
    assert.equal((await (await download('errors.jsonl')).text()).split('\n').length, 15);
    assert.equal((await readJsonLines(storePath('mended/errors.jsonl'))).length, 5);
    const { masks, embeddings } = await (await readZarrStore(storePath('mended/embeddings.zarr'))).readChunk(0);
    const unreadable = 7;
    assert.deepEqual([...masks.subarray(unreadable * 16, unreadable * 16 + 3)], [1, 0, 0]);
    assert.ok(embeddings.subarray(unreadable * 256, (unreadable + 1) * 256).every((value) => value === 0));
    assert.equal((await readJson(storePath('mended/metadata.json')))[unreadable].num_panels, 0);
  });
});
