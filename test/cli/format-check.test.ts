import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeCheckFailure, formatCheck } from '../../src/cli/format-check.ts';
import { SkipCounter, zeroMatchCounts } from '../../src/datasets/index-report.ts';
import type { CheckOptions, DatasetCheck } from '../../src/jobs/embed/describe-check.ts';
import { ASSUMED_RATE, describeCheck } from '../../src/jobs/embed/describe-check.ts';
import { type PageOutcome, PageReport } from '../../src/jobs/pages/page-report.ts';

const page = (id: string, fields: Partial<PageOutcome> = {}): PageOutcome => ({
  id,
  panels: 4,
  problem: null,
  skipped: [],
  notes: [],
  ...fields,
});

function makeCheck(pages: readonly PageOutcome[], maxBadPages = 0.1): DatasetCheck {
  const skips = new SkipCounter();
  for (let i = 0; i < 5; i++) skips.add({ id: `A/c${i}`, reason: 'page_type', detail: 'cover' });
  const report = new PageReport();
  for (const outcome of pages) report.add(outcome);
  const index = {
    labels: pages.length + 5,
    files: {
      images: 9,
      archives: 2,
      ignored: { txt: 3 },
      notes: { names_as_cp437: 1 },
      noteExamples: [{ note: 'names_as_cp437', file: 'a.cbz' }],
    } as const,
    manifest: { rows: 30, pages: 29, repeated: 1, conflicts: 0, withoutId: 0, unlabelled: 0 },
    panels: { files: 20, links: 0 },
    manyPageFiles: { files: 1, pages: 0, matched: 0, unread: [{ file: 'panels.json', problem: 'it names no image' }] },
    kept: pages.length,
    bridged: { labels: zeroMatchCounts(), panels: zeroMatchCounts() },
    skipped: skips.skipped,
    examples: skips.examples,
  };
  const model = { id: 'tiny@1', spec: { dimensions: 16 } } as CheckOptions['model'];
  const dataset = { max_panels_per_page: 16 } as CheckOptions['dataset'];
  return describeCheck(index, report.totals(), { dataset, maxBadPages, model, rate: ASSUMED_RATE });
}

describe('the check of a dataset', () => {
  it('is printed with reasons, counts and examples', () => {
    const bad = { panels: 0, problem: { reason: 'image_missing', detail: 'no such file' } };
    const noted = { notes: [{ panel: 2, note: 'bad_text' }], skipped: [{ panel: 1, reason: 'no_area' as const }] };
    const pages = [...Array.from({ length: 18 }, (_, i) => page(`A/${i}`)), page('A/18', bad), page('A/19', noted)];
    const text = formatCheck(makeCheck(pages));
    assert.deepEqual(text.split('\n').slice(0, -3), [
      'Found: 29 pages in 30 rows, 25 labels, 20 panel files',
      'Files: 9 images, 2 archives',
      'Files that are no pages, by extension: 3',
      '  3 txt',
      'Notes about files: 1',
      '  1 names_as_cp437',
      '      a.cbz',
      'Panel files without pages',
      '      panels.json: it names no image',
      'Left out by the index: 5',
      '  5 page_type',
      '      A/c0: cover',
      '      A/c1: cover',
      '      A/c2: cover',
      '      ...',
      'Not readable (2 are tolerated): 1',
      '  1 image_missing',
      '      A/18: no such file',
      'Panels left out: 1',
      '  1 no_area',
      '      A/19, panel 1',
      'Notes: 1',
      '  1 bad_text',
      '      A/19, panel 2',
      'Would be embedded: 19 pages with 76 panels',
      'Store: about 4.86 kB on disk, 20.5 kB in memory (tiny@1, 16 dimensions)',
    ]);
    assert.match(text, /\nTime: about 11 seconds, at 7 panels per second \(an assumption: /);
  });

  it('fails like the job: if too many pages are bad, and if none is left', () => {
    const bad = (id: string) => page(id, { panels: 0, problem: { reason: 'image_missing', detail: '' } });
    assert.equal(describeCheckFailure(makeCheck([page('A/1'), bad('A/2')], 0.5)), undefined);
    const tooMany = makeCheck([page('A/1'), bad('A/2')]);
    assert.equal(tooMany.would_fail, 'too_many_bad_pages');
    assert.match(describeCheckFailure(tooMany) ?? '', /1 of 2 pages cannot be read, more than the 0 /);
    assert.deepEqual(
      [makeCheck([]).would_fail, describeCheckFailure(makeCheck([]))],
      ['dataset_invalid', 'no page would be embedded'],
    );
    assert.equal(describeCheckFailure(makeCheck([bad('A/2')], 1)), 'no page would be embedded');
  });
});
