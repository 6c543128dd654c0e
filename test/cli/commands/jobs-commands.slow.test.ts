import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findFreePort } from '../../support/databases.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { type CommandResult, runPanelvec } from '../../support/run-panelvec.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
let port: string;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(40), makeTinyModel()]);
  port = String(await findFreePort());
  service = await startJobService(tiny.home, corpus, { PORT: port, PANELVEC_SEARCH: 'on' });
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await tiny.remove();
});

const runJobsCommand = (...args: string[]): Promise<CommandResult> => runPanelvec(['jobs', ...args], { PORT: port });
const datasetFlags = () => ['--dataset', corpus.folder];

describe('panelvec jobs', () => {
  it('submits a folder and watches the job to its end', async () => {
    const { code, stdout, stderr } = await runJobsCommand(
      'submit',
      ...datasetFlags(),
      '--output',
      'watched',
      '--watch',
    );
    assert.equal(code, 0, stderr);
    const [id, summary] = stdout.trim().split('\n');
    assert.match(summary!, new RegExp(`^${id}  embed  succeeded  40/40 pages  watched  `));
    assert.match(stderr, /^(queued|running) /);
    assert.match(stderr, /succeeded finished 40\/40\n$/);
    const again = await runJobsCommand('watch', id!);
    assert.equal(again.code, 0);
    assert.equal(again.stdout.trim(), summary);
  });

  it('submits a spec file once for the same key', async () => {
    const file = path.join(corpus.folder, 'spec.json');
    await writeFile(
      file,
      JSON.stringify({ type: 'embed', output: 'from-file', dataset: { ...corpus.dataset, limit: 5 } }),
    );
    const first = await runJobsCommand('submit', file, '--key', 'k', '--watch');
    assert.match(first.stdout, /succeeded {2}5\/5 pages/);
    const second = await runJobsCommand('submit', file, '--key', 'k');
    assert.equal(second.stdout.trim(), first.stdout.split('\n')[0]);
  });

  it('makes a collection of a folder, which is then searched', async () => {
    const flags = [...datasetFlags(), '--limit', '3', '--output', 'shelf', '--index'];
    const { code, stdout, stderr } = await runJobsCommand('submit', ...flags, '--watch');
    assert.equal(code, 0, stderr);
    assert.match(stdout, / {2}index {2}succeeded {2}3\/3 pages {2}shelf {2}/);
    const found = await runPanelvec(['search', 'a', '--collection', 'shelf', '--top-k', '1'], { PORT: port });
    assert.equal(found.stdout.trim().split('\n').length, 1, found.stderr);
    const dry = await runJobsCommand('submit', ...flags, '--dry-run');
    assert.match(dry.stderr, /--index.* cannot be used with option '--dry-run'/);
    assert.equal(dry.code, 2);
  });

  it('prints the report of a dry run', async () => {
    const flags = [...datasetFlags(), '--output', 'tried', '--dry-run', '--watch'];
    const { code, stdout, stderr } = await runJobsCommand('submit', ...flags);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /embed {2}succeeded {2}40\/40 pages/);
    assert.match(stdout, /\nWould be embedded: 40 pages with \d+ panels/);
    const limited = await runJobsCommand('submit', ...flags, '--all-pages', '--limit', '3');
    assert.match(limited.stdout, /\nWould be embedded: 3 pages/);
  });

  it('lists jobs, and does not cancel one that has ended', async () => {
    const { stdout } = await runJobsCommand('list', '--state', 'succeeded', '--limit', '1');
    assert.equal(stdout.trim().split('\n').length, 1);
    const id = stdout.slice(0, 36);
    const { code, stderr } = await runJobsCommand('cancel', id);
    assert.equal(code, 1);
    assert.match(stderr, /the job has succeeded already/);
  });

  it('fails with the reason if the job fails', async () => {
    const labels = path.join(corpus.folder, 'none.json');
    await writeFile(labels, '{}');
    const file = path.join(corpus.folder, 'none-spec.json');
    await writeFile(
      file,
      JSON.stringify({ type: 'embed', output: 'none', dataset: { ...corpus.dataset, pss_labels: labels } }),
    );
    const { code, stderr } = await runJobsCommand('submit', file, '--watch');
    assert.equal(code, 1);
    assert.match(stderr, /panelvec: the job failed: no page is left of 0 labels/);
  });

  it('prints one line for a wrong usage, spec or address', async () => {
    const cases: readonly [args: string[], code: number, message: RegExp][] = [
      [['submit'], 2, /give a spec file, or --dataset and --output/],
      [['submit', '/none.json'], 2, /cannot read \/none\.json/],
      [['submit', ...datasetFlags(), '--output', '../x'], 2, /output: must be letters/],
      [['submit', ...datasetFlags(), '--output', 'x', '--limit', 'many'], 2, /expected a positive integer/],
      [['submit', '--dataset', '/', '--output', 'x'], 2, /outside of the data folders/],
      [['watch', 'x'], 2, /id: /],
      [['watch', '00000000-0000-4000-8000-000000000000'], 1, /there is no job/],
      [['list', '--state', 'lost'], 2, /state/],
      [['list', '--port', '1'], 1, /no service answers at http:\/\/127\.0\.0\.1:1/],
    ];
    for (const [args, code, message] of cases) {
      const outcome = await runJobsCommand(...args);
      assert.match(outcome.stderr, message, args.join(' '));
      assert.equal(outcome.code, code, `${args.join(' ')}: ${outcome.stderr}`);
    }
  });
});
