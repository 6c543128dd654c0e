import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PageOutcome, PageReport } from '../../../src/jobs/pages/page-report.ts';

const page = (id: string, fields: Partial<PageOutcome> = {}): PageOutcome => ({
  id,
  panels: 2,
  problem: null,
  skipped: [],
  notes: [],
  ...fields,
});
const badPage = (id: string, reason: string, detail = 'it is gone') =>
  page(id, { panels: 0, problem: { reason, detail } });

describe('a report of pages', () => {
  it('counts any note by its name, of pages and of panels, with examples', () => {
    const report = new PageReport();
    report.add(page('A/1', { notes: [{ note: 'made_up' }, { panel: 3, note: 'bad_text' }] }));
    report.add(page('A/2', { notes: [{ note: 'made_up', detail: 'half of it' }] }));
    const { notes, examples } = report.totals();
    assert.deepEqual(notes, { made_up: 2, bad_text: 1 });
    assert.deepEqual(examples.notes, {
      made_up: [
        { id: 'A/1', panel: undefined },
        { id: 'A/2', panel: undefined, detail: 'half of it' },
      ],
      bad_text: [{ id: 'A/1', panel: 3 }],
    });
  });

  it('counts pages, panels, empty pages and bad pages by reason', () => {
    const report = new PageReport();
    report.add(page('A/1', { skipped: [{ panel: 1, reason: 'no_area' }] }));
    report.add(page('A/2', { panels: 0 }));
    report.add(badPage('A/3', 'image_missing'));
    const { examples, ...totals } = report.totals();
    assert.deepEqual(totals, {
      pages: 3,
      panels: 2,
      pages_without_panels: 1,
      bad_pages: 1,
      bad_pages_by_reason: { image_missing: 1 },
      skipped_panels: { no_area: 1 },
      notes: {},
    });
    assert.deepEqual(examples.bad_pages, { image_missing: [{ id: 'A/3', detail: 'it is gone' }] });
    assert.deepEqual(examples.skipped_panels, { no_area: [{ id: 'A/1', panel: 1 }] });
  });

  it('names the reasons of bad pages with the first ids, the most frequent first', () => {
    const report = new PageReport();
    report.add(badPage('B/0', 'panels_unreadable'));
    for (let i = 1; i <= 10; i++) report.add(badPage(`A/${i}`, 'image_missing'));
    assert.equal(report.describeProblems(), '10 image_missing (A/1, A/2, A/3, ...), 1 panels_unreadable (B/0)');
  });

  it('stays small, however many pages and however long their ids and details are', () => {
    const report = new PageReport();
    const reasons = Array.from({ length: 12 }, (_, i) => `reason_${i}`);
    for (let i = 0; i < 1200; i++)
      report.add(badPage(`${i}${'x'.repeat(5000)}`, reasons[i % 12] ?? '', 'y'.repeat(5000)));
    assert.match(report.describeProblems(), /, 4 further reasons$/);
    assert.ok(report.describeProblems().length < 4000);
    const [first] = report.totals().examples.bad_pages['reason_0'] ?? [];
    assert.equal(report.totals().examples.bad_pages['reason_0']?.length, 20);
    assert.ok((first?.detail?.length ?? 0) < 310);
  });
});
