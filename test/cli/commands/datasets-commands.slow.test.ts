import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DatasetCheck } from '../../../src/jobs/embed/describe-check.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(60), makeTinyModel()]);
  await rm(path.join(corpus.folder, 'pages/3.jpg'));
});
after(async () => {
  await corpus.remove();
  await tiny.remove();
});

const check = (target: string, flags: readonly string[] = [], environment: Record<string, string> = {}) =>
  runPanelvec(['datasets', 'check', target, ...flags], {
    PANELVEC_HOME: tiny.home,
    PANELVEC_MODELS: 'tiny',
    ...environment,
  });

describe('panelvec datasets check', () => {
  it('reports on a folder without a service', async () => {
    const { code, stdout, stderr } = await check(corpus.folder);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Found: 60 pages in 60 rows, 60 labels, 60 panel files\n/);
    assert.match(stdout, /Not readable \(6 are tolerated\): 3\n {2}3 image_missing\n {6}Book 0\/page_003: ENOENT/);
    assert.match(
      stdout,
      /Would be embedded: 57 pages with 1\d\d panels \(10 pages have none\)\nStore: .*\(tiny@1, 16 /,
    );
  });

  it('prints JSON, with the counts of texts only if there is a model', async () => {
    const { stdout } = await check(corpus.folder, ['--json', '--panels-per-second', '50']);
    const report: DatasetCheck = JSON.parse(stdout);
    assert.deepEqual([report.would_embed.model, report.would_fail], ['tiny@1', null]);
    assert.ok((report.store.notes['text_truncated'] ?? 0) > 0);
    assert.equal(report.would_embed.seconds, Math.ceil(report.store.panels / 50));
    const without = await check(corpus.folder, ['--json'], { PANELVEC_MODELS: 'missing' });
    const { would_embed: embed, store }: DatasetCheck = JSON.parse(without.stdout);
    assert.deepEqual([without.code, embed.model, embed.vector_bytes, store.notes], [0, null, null, {}]);
  });

  it('reads the spec of a job, finished or not', async () => {
    const file = path.join(corpus.folder, 'spec.json');
    await writeFile(file, JSON.stringify({ dataset: { ...corpus.dataset, limit: 5 }, max_bad_pages: 0 }));
    const { code, stdout, stderr } = await check(file, ['--json']);
    assert.equal(code, 1);
    assert.equal((JSON.parse(stdout) as DatasetCheck).index.kept, 5);
    assert.equal(stderr, 'panelvec: 1 of 5 pages cannot be read, more than the 0 that are tolerated\n');
    await writeFile(file, JSON.stringify({ type: 'train', output: 'mine', dataset: corpus.dataset }));
    assert.equal((await check(file)).code, 0);
  });

  it('counts files outside of the data folders only if it is told to', async () => {
    const elsewhere = { PANELVEC_DATA_ROOTS: tiny.home };
    assert.equal((await check(corpus.folder, [], elsewhere)).code, 0);
    const { code, stderr } = await check(corpus.folder, ['--within-data-roots'], elsewhere);
    assert.equal(code, 2);
    assert.match(stderr, /dataset\.manifest: .* is outside of the data folders/);
  });

  it('fails with one line for what is no dataset', async () => {
    const file = path.join(corpus.folder, 'labels.json');
    await writeFile(file, '{"A/1": "story"}');
    const cases: readonly [target: string, flags: string[], code: number, message: RegExp][] = [
      [file, [], 2, /labels\.json is not the spec of a job: it has no field "dataset"/],
      [path.join(corpus.folder, 'none.cbz'), [], 2, /none\.cbz.* does not exist/],
      [path.join(corpus.folder, 'spec.json'), ['--max-bad-pages', '2'], 2, /a number from 0 to 1/],
    ];
    for (const [target, flags, code, message] of cases) {
      const outcome = await check(target, flags);
      assert.match(outcome.stderr, message);
      assert.equal(outcome.code, code, outcome.stderr);
    }
  });
});
