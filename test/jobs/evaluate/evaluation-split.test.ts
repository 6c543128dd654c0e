import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EvaluateSpec } from '../../../src/jobs/evaluate/evaluate-spec.ts';
import { evaluateSpecSchema } from '../../../src/jobs/evaluate/evaluate-spec.ts';
import type { EvaluatedPage, EvaluationPartRecord } from '../../../src/jobs/evaluate/evaluation-part-record.ts';
import { splitEvaluation } from '../../../src/jobs/evaluate/evaluation-split.ts';

const PANEL = { index: 0, aspect: 1, area: 0.5, lettering: null, description: 'a cat' };

function makePage(id: string, panels: number, problem: EvaluatedPage['problem'] = null): EvaluatedPage {
  const [book = ''] = id.split('/');
  const list = Array.from({ length: problem === null ? panels : 0 }, (_, index) => ({ ...PANEL, index }));
  return { id, book, page_type: 'narrative', problem, panel_count: list.length, panels: list };
}

function makeRecord(pages: readonly EvaluatedPage[], test = false): EvaluationPartRecord {
  return { test, pages, books: [...new Set(pages.filter(({ problem }) => problem === null).map(({ book }) => book))] };
}

function makeSpec(fields: object): EvaluateSpec {
  const dataset = { manifest: 'manifest.csv', panels: { root: 'vlm' } };
  const request = evaluateSpecSchema.parse({ type: 'evaluate', output: 'worth', dataset, ...fields });
  return { ...request, trainings: [], baseline_model: 'tiny@1', baseline_epochs: 20 };
}

const RECORDS = [
  makeRecord([makePage('A/1', 3), makePage('A/2', 2), makePage('B/1', 4)]),
  makeRecord([makePage('B/2', 1), makePage('C/1', 5), makePage('C/2', 9, { reason: 'image_missing', detail: '' })]),
];

describe('the split of an evaluation', () => {
  it('trains on no book of the pages that are measured, in any part', () => {
    const { folds, facts, panels } = splitEvaluation(makeSpec({ baselines: ['raw'], folds: 3 }), RECORDS);
    assert.equal(facts.kind, 'folds');
    assert.equal(panels.length, 15);
    assert.deepEqual(
      folds.flatMap(({ rows }) => rows).sort((a, b) => a - b),
      [...panels.keys()],
    );
    for (const { rows, pages, training } of folds) {
      const testBooks = new Set(rows.map((row) => panels[row]!.book));
      const trainingBooks = training.flatMap(({ part, books }) => books.map((book) => RECORDS[part]!.books[book]!));
      assert.equal(testBooks.size, 1);
      assert.ok(pages.every((page) => testBooks.has(page.split('/')[0]!)));
      assert.deepEqual(new Set([...testBooks, ...trainingBooks]), new Set(['A', 'B', 'C']));
      assert.ok(trainingBooks.every((book) => !testBooks.has(book)));
    }
    for (const { test_panels, training_panels } of facts.folds) assert.equal(test_panels + training_panels, 15);
  });

  it('measures held-out pages alone, and trains on all others, also of the same books', () => {
    const records = [...RECORDS, makeRecord([makePage('A/9', 2), makePage('D/1', 1)], true)];
    const spec = makeSpec({ baselines: ['raw'], test_pss_labels: 'test.json' });
    const { folds, facts, panels, measuredParts } = splitEvaluation(spec, records);
    assert.deepEqual([facts.kind, measuredParts, folds.length], ['held_out', [2], 1]);
    assert.deepEqual(
      panels.map(({ id }) => id),
      ['A/9#0', 'A/9#1', 'D/1#0'],
    );
    assert.deepEqual(facts.folds[0], { test_books: ['A', 'D'], test_panels: 3, training_panels: 15 });
    assert.deepEqual(
      folds[0]!.training.map(({ part }) => part),
      [0, 1],
    );
  });

  it('trains nothing for models alone', () => {
    const { folds, facts } = splitEvaluation({ ...makeSpec({ models: ['tiny'] }), baseline_model: null }, RECORDS);
    assert.equal(facts.kind, 'none');
    assert.deepEqual([folds.length, folds[0]!.training], [1, []]);
  });

  it('takes books without panels for none', () => {
    const records = [makeRecord([makePage('A/1', 2), makePage('B/1', 0)])];
    assert.throws(() => splitEvaluation(makeSpec({ baselines: ['raw'] }), records), { param: 'baselines' });
    assert.throws(() => splitEvaluation(makeSpec({ models: ['tiny'] }), [makeRecord([makePage('A/1', 0)])]), {
      code: 'dataset_invalid',
      param: 'dataset',
    });
  });
});
