import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EvaluationResult, RetrievalTask } from '../../../src/evaluation/evaluation-result.ts';
import { type EvaluationBench, openEvaluationBench } from '../../support/evaluate-jobs.ts';

/** Six books of fourteen pages, more than are read at a time: none to five panels each. */
const PAGES = 84;
const PANELS = 210;

let bench: EvaluationBench;
before(async () => {
  bench = await openEvaluationBench(PAGES, { pagesPerBook: 14 });
});
after(() => bench[Symbol.asyncDispose]());

function recallAt1(result: EvaluationResult, contender: string, task: RetrievalTask): number {
  const measures = result.contenders.find(({ name }) => name === contender)!.retrieval[task];
  assert.ok('recall_at_1' in measures, task);
  assert.ok('value' in measures.recall_at_1);
  return measures.recall_at_1.value;
}

describe('an evaluation of a model alone', () => {
  let result: EvaluationResult;
  before(async () => {
    result = await bench.evaluate('models', { models: ['tiny'] });
  });

  it('measures all panels, without folds', () => {
    const { split, dataset, panels } = result;
    assert.equal(split.kind, 'none');
    assert.deepEqual(
      split.folds.map((fold) => [fold.test_books.length, fold.test_panels, fold.training_panels]),
      [[6, PANELS, 0]],
    );
    assert.deepEqual([dataset.books, dataset.pages, dataset.panels, dataset.bad_pages], [6, PAGES, PANELS, 0]);
    assert.equal(panels.length, PANELS);
    assert.ok(dataset.panels_with_description > 0 && dataset.panels_with_lettering > 0);
    assert.ok(dataset.panels_with_lettering < dataset.panels_with_description);
  });

  it('finds stored panels by what they were stored with', () => {
    const chance = 1 / PANELS;
    for (const task of ['picture_to_stored', 'flipped_to_stored', 'lettering_to_stored'] as const)
      assert.ok(recallAt1(result, 'tiny@1', task) > 5 * chance, task);
  });

  it('has gate weights by the modalities that are there', () => {
    const { gate } = result.contenders[0]!;
    assert.deepEqual(gate!['vision'], [1, 0, 0]);
    const [vision, text, composition] = gate!['vision+text+composition']!;
    assert.ok(Math.abs(vision + text + composition - 1) < 1e-6 && Math.min(vision, text, composition) > 0);
  });

  it('leaves the evaluation alone, and no files of work', () => {
    assert.ok(!existsSync(path.join(bench.home, 'evaluations/models/.work')));
  });

  it('refuses the name of a finished evaluation', async () => {
    await assert.rejects(bench.evaluate('models', { models: ['tiny'] }), { code: 'output_conflict', param: 'output' });
  });
});

describe('an evaluation over folds', () => {
  const training = { epochs: 2, batch_size: 4, views: 2, texts: 'drawn' };
  let result: EvaluationResult;
  before(async () => {
    result = await bench.evaluate('folds', {
      models: ['tiny'],
      trainings: [{ name: 'recipe', training }],
      baselines: ['v1', 'reference', 'raw'],
      baseline_epochs: 2,
      folds: 3,
    });
  });

  it('measures every book once, and trains on all others', () => {
    const { kind, folds } = result.split;
    assert.equal(kind, 'folds');
    const books = folds.flatMap(({ test_books }) => test_books);
    assert.deepEqual([folds.length, books.length, new Set(books).size], [3, 6, 6]);
    for (const fold of folds) assert.equal(fold.test_panels + fold.training_panels, PANELS);
  });

  it('measures models and trainings on the same panels', () => {
    const counts = result.contenders.map(({ name, retrieval }) => {
      const task = retrieval.picture_to_stored;
      return [name, 'query_panels' in task && task.query_panels.length];
    });
    assert.deepEqual(counts, [
      ['tiny@1', PANELS],
      ['recipe', PANELS],
      ['v1', PANELS],
      ['reference', PANELS],
      ['raw', PANELS],
    ]);
    assert.ok(result.comparisons.some(({ contender, baseline }) => contender === 'recipe' && baseline === 'tiny@1'));
  });

  it('has claims for models and trainings, and tells whether the first version shows its failures', () => {
    const claims = result.claims.map(({ contender, baseline }) => [contender, baseline]);
    assert.equal(claims.length, 6);
    assert.ok(claims.every(([contender, baseline]) => contender !== 'v1' && baseline === 'v1'));
    assert.deepEqual(
      result.first_version_failures.map(({ failure }) => failure),
      ['pictures_alike', 'layout_clusters'],
    );
  });

  it('shows pictures in its report', async () => {
    assert.match(await bench.readArtifact('folds', 'report.html'), /data:image\/jpeg/);
  });
});
