import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type EvaluationBench, openEvaluationBench } from '../../support/evaluate-jobs.ts';

/** Two books of six pages: none to five panels each. */
const PAGES = 12;
const PANELS_PER_BOOK = 15;

let bench: EvaluationBench;
before(async () => {
  bench = await openEvaluationBench(PAGES, { pagesPerBook: 6 });
});
after(() => bench[Symbol.asyncDispose]());

async function writeLabels(name: string, pages: readonly string[]): Promise<string> {
  const file = path.join(bench.corpus.folder, name);
  await writeFile(file, JSON.stringify(Object.fromEntries(pages.map((page) => [page, 'narrative']))));
  return file;
}

const pagesOf = (book: number) => Array.from({ length: 6 }, (_, page) => `Book ${book}/page_00${page}`);

describe('an evaluation of held-out pages', () => {
  it('measures these alone, and trains on all others', async () => {
    const labels = await writeLabels('test.json', pagesOf(1));
    const result = await bench.evaluate('held-out', { test_pss_labels: labels, baselines: ['raw'] });
    assert.deepEqual(result.split, {
      kind: 'held_out',
      folds: [{ test_books: ['Book 1'], test_panels: PANELS_PER_BOOK, training_panels: PANELS_PER_BOOK }],
    });
    assert.ok(result.panels.every(({ book }) => book === 'Book 1'));
  });

  it('tells which pages are named and not there', async () => {
    const labels = await writeLabels('absent.json', [...pagesOf(1), 'Book 9/page_000']);
    const { notes } = await bench.evaluate('absent', { test_pss_labels: labels, models: ['tiny'] });
    assert.deepEqual(notes, ['Pages of test_pss_labels were left out: 1 no_image (Book 9/page_000).']);
  });

  it('needs no page to train on where nothing is trained', async () => {
    const labels = await writeLabels('all.json', [...pagesOf(0), ...pagesOf(1)]);
    const result = await bench.evaluate('all-held-out', { test_pss_labels: labels, models: ['tiny'] });
    assert.deepEqual([result.split.kind, result.panels.length], ['held_out', 2 * PANELS_PER_BOOK]);
  });
});

describe('a dataset that is too small', () => {
  it('leaves measures out, with the reason', async () => {
    const labels = await writeLabels('small.json', pagesOf(0).slice(0, 3));
    const dataset = { ...bench.corpus.dataset, pss_labels: labels };
    const result = await bench.evaluate('small', { dataset, models: ['tiny'] });
    const { retrieval, clustering } = result.contenders[0]!;
    for (const measures of [retrieval.picture_to_stored, clustering.stored])
      assert.ok('left_out' in measures && measures.left_out.length > 10);
    assert.match(await bench.readArtifact('small', 'report.html'), /Evaluation small/);
  });

  it('is refused for more folds than it has books', async () => {
    await assert.rejects(bench.evaluate('folds', { models: ['tiny'], folds: 3 }), {
      param: 'folds',
      message: /2 books, too few for 3 folds/,
    });
  });

  it('is refused for trainings and baselines if it has one book', async () => {
    const labels = await writeLabels('one.json', pagesOf(0));
    const dataset = { ...bench.corpus.dataset, pss_labels: labels };
    const trainings = [{ name: 'recipe' }];
    await assert.rejects(bench.evaluate('one', { dataset, trainings }), { param: 'trainings' });
    await assert.rejects(bench.evaluate('one', { dataset, models: ['tiny'], baselines: ['raw'] }), {
      param: 'baselines',
      message: /one book alone/,
    });
  });

  it('is refused, naming the recipe or the baseline that cannot be trained on it', async () => {
    const trainings = [{ name: 'recipe', training: { batch_size: 500 } }];
    await assert.rejects(bench.evaluate('batch', { trainings }), {
      code: 'dataset_invalid',
      param: 'trainings.0.training.batch_size',
    });
  });
});

describe('a dataset with bad pages', () => {
  it('is measured without them, or refused with a report of them', async () => {
    const broken = path.join(bench.corpus.folder, 'vlm/Book 1/page_002.json');
    await writeFile(broken, '{');
    const result = await bench.evaluate('bad', { models: ['tiny'], max_bad_pages: 0.1 });
    assert.deepEqual([result.dataset.bad_pages, result.dataset.pages], [1, PAGES - 1]);
    assert.ok(result.panels.every(({ page }) => page !== 'Book 1/page_002'));
    await assert.rejects(bench.evaluate('too-bad', { models: ['tiny'], max_bad_pages: 0 }), {
      code: 'too_many_bad_pages',
      message: /1 of 12 pages.*panels_unreadable \(Book 1\/page_002\)/,
    });
  });
});

describe('a model without finite features of a black picture', () => {
  it('is refused for baselines that see one in the place of an absent picture', async () => {
    await using dark = await openEvaluationBench(PAGES, { pagesPerBook: 6, divideByBrightness: true });
    await assert.rejects(dark.evaluate('dark', { baseline_model: 'tiny', baselines: ['v1'], baseline_epochs: 1 }), {
      code: 'vector_not_finite',
      message: /only feature vector of a black one/,
    });
  });
});
