import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

let corpus: Corpus;
let home: string;
before(async () => {
  const [made, tiny] = await Promise.all([makeCorpus(12, { pagesPerBook: 6 }), makeTinyModel()]);
  [corpus, home] = [made, tiny.home];
});
after(async () => {
  await corpus.remove();
  await rm(home, { recursive: true, force: true });
});

const evaluate = (...flags: string[]) =>
  runPanelvec(['evaluate', ...flags], { PANELVEC_HOME: home, PANELVEC_MODELS: 'tiny', PANELVEC_THREADS: '1' });

describe('panelvec evaluate', () => {
  it('measures the first model on a folder, and prints the table and where the report is', async () => {
    const { code, stdout, stderr } = await evaluate(corpus.folder, '--output', 'folder');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /30 panels/);
    assert.match(stdout, /tiny@1 \(model as it is\)/);
    assert.match(stdout, /picture → stored, recall@1 ↑ \| \d\.\d+ \[/);
    assert.deepEqual(stderr.trimEnd().split('\n'), ['indexing', 'encoding', 'evaluating']);
    const report = stdout.trimEnd().split('\n').at(-1)!;
    assert.match(await readFile(report, 'utf8'), /Evaluation folder[\s\S]*data:image\/jpeg/);
  });

  it('takes a spec, whose fields flags replace', async () => {
    const spec = path.join(corpus.folder, 'spec.json');
    await writeFile(spec, JSON.stringify({ output: 'spec', dataset: corpus.dataset, models: ['absent'] }));
    const refused = await evaluate(spec);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /there is no model "absent"/);
    const { code, stdout, stderr } = await evaluate(spec, '--model', 'tiny', '--output', 'other', '--folds', '2');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /evaluations\/other\/report.html/);
  });

  it('refuses the output of another command that runs', async () => {
    const codes = await Promise.all(
      [1, 2].map(async () => {
        const { code, stderr } = await evaluate(corpus.folder, '--output', 'twice');
        if (code !== 0) assert.match(stderr, /output: another command writes to "twice" now/);
        return code;
      }),
    );
    assert.deepEqual(codes.sort(), [0, 1]);
  });

  it('names the field that is wrong', async () => {
    const { code, stderr } = await evaluate(corpus.folder, '--output', 'wrong', '--baseline', 'v7');
    assert.equal(code, 2);
    assert.match(stderr, /baselines/);
  });
});
