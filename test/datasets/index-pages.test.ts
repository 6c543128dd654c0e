import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { datasetSchema } from '../../src/datasets/dataset-spec.ts';
import type { PageEntry } from '../../src/datasets/index-pages.ts';
import { EXAMPLES_PER_REASON } from '../../src/datasets/index-report.ts';
import { indexDataset, SmallDataset } from './small-dataset.ts';

const EXAMPLES = path.join(import.meta.dirname, '../../examples');
const IDS = ['A/p1', 'A/p2', 'A/p3', 'B/p1'];

describe('the index of a dataset', () => {
  it('holds the narrative pages in the order of the labels', async () => {
    const labels = { 'B/p1': 'story', 'A/p3': 'narrative', 'A/p1': 'cover', 'A/p2': 'narrative' };
    using files = new SmallDataset({ manifest: IDS, labels, panels: IDS });
    const { pages, skipped, report } = await files.index();
    assert.deepEqual(pages[0], {
      canonicalId: 'B/p1',
      pageType: 'story',
      imagePath: path.join(files.folder, 'images/B/p1.png'),
      panelsPath: path.join(files.panels, 'B/p1.json'),
    });
    assert.deepEqual(
      pages.map(({ canonicalId }) => canonicalId),
      ['B/p1', 'A/p3', 'A/p2'],
    );
    assert.deepEqual(skipped, [{ id: 'A/p1', reason: 'page_type', detail: 'cover' }]);
    assert.deepEqual([report.labels, report.kept, report.skipped.page_type], [4, 3, 1]);
    assert.deepEqual(report.manifest, {
      rows: 4,
      pages: 4,
      repeated: 0,
      conflicts: 0,
      withoutId: 0,
      unlabelled: 0,
    });
    assert.deepEqual(report.panels, { files: 4, links: 0 });
  });

  it('holds pages of every type if all are wanted', async () => {
    using files = new SmallDataset({ manifest: IDS, labels: { 'A/p1': 'cover', 'A/p2': 'story' }, panels: IDS });
    assert.deepEqual((await files.index({ only_narrative: false })).kept, ['A/p1', 'A/p2']);
  });

  it('holds all pages of the manifest, in its order, without labels', async () => {
    using files = new SmallDataset({ manifest: IDS, labels: {}, panels: IDS });
    const { pages, kept, report } = await files.index({ pss_labels: null });
    assert.deepEqual(kept, IDS);
    assert.equal(pages[0]?.pageType, 'unlabelled');
    assert.deepEqual([report.labels, report.kept], [4, 4]);
    using labelled = new SmallDataset({ manifest: IDS, labels: { 'A/p1': 'unlabelled' }, panels: IDS });
    assert.deepEqual((await labelled.index()).reasons, ['A/p1: page_type']);
  });

  it('names pages as labels and panel files do where they write them differently', async () => {
    using files = new SmallDataset({
      manifest: ['A/p1.jpg', 'A/p2'],
      labels: { 'amazon/A/p1': 'story', 'A/p2': 'story' },
      panels: ['a/P1', 'A/p2'],
    });
    const { pages } = await files.index();
    assert.deepEqual(
      pages.map(({ canonicalId, labelId, panelsId }) => [canonicalId, labelId, panelsId]),
      [
        ['A/p1.jpg', 'amazon/A/p1', 'a/P1'],
        ['A/p2', undefined, undefined],
      ],
    );
  });

  it('reads the examples', async () => {
    for (const format of ['vlm', 'ocr'] as const) {
      const { kept, reasons } = await indexDataset(
        datasetSchema.parse({
          manifest: path.join(EXAMPLES, 'manifest.csv'),
          pss_labels: path.join(EXAMPLES, 'pss_labels.json'),
          panels: { format, root: path.join(EXAMPLES, format) },
        }),
      );
      assert.deepEqual(
        kept,
        [1, 2, 3, 4].map((page) => `Moonlit Harbor/page_00${page}`),
      );
      assert.deepEqual(reasons, ['Moonlit Harbor/page_000: page_type', 'Moonlit Harbor/page_005: page_type']);
    }
  });

  it('keeps or skips each label, with a reason', async () => {
    const manifest = [
      'canonical_id,absolute_image_path',
      ...['A/good', 'A/twice', 'A/no panels', 'A/number'].map((id) => `${id},images/${id}.png`),
      'A/twice,images/other.png',
      'A/outside,/elsewhere/x.png',
      'A/climbs,images/../../x.png',
      'A/blank,',
    ].join('\n');
    const labels = {
      'A/good': 'story',
      'A/cover': 'cover',
      'A/absent': 'story',
      'A/twice': 'story',
      'A/no panels': 'story',
      'A/number': 7,
      'A/null': null,
      'A/outside': 'story',
      'A/climbs': 'story',
      'A/blank': 'story',
    };
    const panels = ['A/good', 'A/twice', 'A/number', 'A/outside', 'A/climbs', 'A/blank'];
    using files = new SmallDataset({ manifest, labels, panels });
    const { kept, reasons, skipped, report } = await files.index({}, { dataRoots: [files.folder] });
    assert.deepEqual(kept, ['A/good']);
    assert.deepEqual(reasons, [
      'A/cover: page_type',
      'A/absent: no_image',
      'A/twice: conflict',
      'A/no panels: no_panels',
      'A/number: unknown_type',
      'A/null: unknown_type',
      'A/outside: outside_data_roots',
      'A/climbs: outside_data_roots',
      'A/blank: no_image',
    ]);
    assert.match(skipped[2]!.detail!, /images\/A\/twice\.png and .*images\/other\.png$/);
    const counts = Object.values(report.skipped).reduce((sum, count) => sum + count, report.kept);
    assert.equal(counts, report.labels);
    assert.equal(report.manifest.conflicts, 1);
    assert.deepEqual(report.examples.unknown_type, [
      { id: 'A/number', reason: 'unknown_type', detail: '7' },
      { id: 'A/null', reason: 'unknown_type', detail: 'null' },
    ]);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  });

  it('does not take a folder for part of another one whose name begins with its name', async () => {
    using files = new SmallDataset({ manifest: ['A/p1'], labels: { 'A/p1': 'story' }, panels: ['A/p1'] });
    const { reasons } = await files.index({}, { dataRoots: [path.join(files.folder, 'ima')] });
    assert.deepEqual(reasons, ['A/p1: outside_data_roots']);
    assert.equal((await files.index({}, { dataRoots: ['/'] })).report.kept, 1);
  });

  it('ends at the limit, and counts the pages after it', async () => {
    const labels = { 'A/p1': 'story', 'A/p2': 'story', 'A/absent': 'story', 'A/p3': 'story', 'B/p1': 'cover' };
    using files = new SmallDataset({ manifest: IDS, labels, panels: IDS });
    const { kept, reasons, report } = await files.index({ limit: 1 });
    assert.deepEqual(kept, ['A/p1']);
    assert.deepEqual(reasons, ['A/absent: no_image', 'B/p1: page_type']);
    assert.equal(report.skipped.over_limit, 2);
    assert.deepEqual(
      report.examples.over_limit.map(({ id }) => id),
      ['A/p2', 'A/p3'],
    );
  });

  it('keeps the first examples of each reason', async () => {
    const ids = Array.from({ length: 30 }, (_, page) => `A/p${page}`);
    using files = new SmallDataset({ manifest: [], labels: Object.fromEntries(ids.map((id) => [id, 'story'])) });
    const { report } = await files.index();
    assert.equal(report.skipped.no_image, 30);
    assert.deepEqual(
      report.examples.no_image.map(({ id }) => id),
      ids.slice(0, EXAMPLES_PER_REASON),
    );
  });

  it('waits for slow callbacks', async () => {
    const labels = { 'A/p1': 'story', 'A/absent': 'story', 'A/p2': 'story' };
    using files = new SmallDataset({ manifest: IDS, labels, panels: IDS });
    const events: string[] = [];
    const slow = (name: string) => async () => {
      events.push(`${name} begins`);
      await new Promise(setImmediate);
      events.push(`${name} ends`);
    };
    await files.index({}, { onPage: slow('page'), onSkipped: slow('skip') });
    assert.deepEqual(
      events,
      ['page', 'skip', 'page'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });

  it('passes on what a callback throws', async () => {
    using files = new SmallDataset({ manifest: IDS, labels: { 'A/p1': 'story' }, panels: IDS });
    const onPage = (_: PageEntry) => {
      throw new Error('full disk');
    };
    await assert.rejects(files.index({}, { onPage }), /full disk/);
  });

  it('recognises links to panel files by name, and follows no links to folders', async () => {
    using files = new SmallDataset({ manifest: IDS, labels: { 'A/p1': 'story', 'A/p2': 'story' }, panels: ['A/p1'] });
    symlinkSync('p1.json', path.join(files.panels, 'A/p2.json'));
    symlinkSync('.', path.join(files.panels, 'A/loop'));
    writeFileSync(path.join(files.panels, 'A/notes.txt'), '');
    const { kept, report } = await files.index();
    assert.deepEqual(kept, ['A/p1', 'A/p2']);
    assert.deepEqual(report.panels, { files: 2, links: 1 });
  });

  it('stops when it is aborted, in any phase', async () => {
    const ids = Array.from({ length: 20_000 }, (_, page) => `A/p${page}`);
    const labels = Object.fromEntries(ids.map((id) => [`${id}.jpg`, 'story']));
    using files = new SmallDataset({ manifest: ids, labels });
    const seen = new Set<string>();
    await files.index({}, { onProgress: (_, phase) => seen.add(phase) });
    assert.deepEqual([...seen], ['manifest', 'labels', 'bridging', 'pages']);
    for (const wanted of seen) {
      const stop = new AbortController();
      const reached: string[] = [];
      const onProgress = (_: number, phase: string) => {
        reached.push(phase);
        if (phase === wanted) stop.abort(new Error(`stopped in ${phase}`));
      };
      await assert.rejects(files.index({}, { signal: stop.signal, onProgress }), { message: `stopped in ${wanted}` });
      assert.equal(reached.at(-1), wanted);
    }
    await assert.rejects(files.index({}, { signal: AbortSignal.abort(new Error('before')) }), { message: 'before' });
  });

  it('names a missing folder of panels', async () => {
    using files = new SmallDataset({ manifest: IDS, labels: { 'A/p1': 'story' } });
    const root = path.join(files.folder, 'absent');
    const refused = { code: 'dataset_invalid', message: `${root}: there is no such file or folder` };
    await assert.rejects(files.index({ panels: { ...files.dataset().panels, root } }), refused);
  });
});
