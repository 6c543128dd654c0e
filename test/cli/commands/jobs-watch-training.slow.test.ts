import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findFreePort } from '../../support/databases.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { runPanelvec } from '../../support/run-panelvec.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { trainSpec } from '../../support/train-jobs.ts';

/** Makes the process believe that its standard error is a terminal. */
const PRETEND_TERMINAL = { NODE_OPTIONS: '--import=data:text/javascript,process.stderr.isTTY=true' };
const TRAINING_NUMBERS = String.raw`epoch \d+, step \d+, loss \d+\.\d+`;

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
let port: string;
before(async () => {
  [corpus, tiny] = await Promise.all([makeCorpus(60, { pagesPerBook: 4 }), makeTinyModel()]);
  port = String(await findFreePort());
  service = await startJobService(tiny.home, corpus, { PORT: port });
});
after(async () => {
  await service.stop();
  await corpus.remove();
  await tiny.remove();
});

/** Submits a training that takes some seconds. */
async function watchTraining(output: string, environment: Record<string, string> = {}) {
  const file = path.join(corpus.folder, `${output}.json`);
  await writeFile(file, JSON.stringify(trainSpec(corpus, output, { training: { epochs: 60 } })));
  return runPanelvec(['jobs', 'submit', file, '--watch'], { PORT: port, ...environment });
}

describe('panelvec jobs submit --watch', () => {
  it('prints epoch, step and loss of a training in lines', async () => {
    const { code, stdout, stderr } = await watchTraining('lines');
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`^running training \\d+/\\d+, ${TRAINING_NUMBERS}$`, 'm'));
    assert.match(stderr, /^succeeded finished (\d+)\/\1, epoch 60, step \d+, loss \d+\.\d+$/m);
    assert.match(stdout, /train {2}succeeded {2}\d+\/\d+ pages {2}lines/);
    const linesBeforeTraining = stderr.split('\n').filter((line) => /indexing|encoding/.test(line));
    assert.ok(linesBeforeTraining.every((line) => !line.includes('epoch')));
  });

  it('shows them beside a progress bar on a terminal', async () => {
    const { code, stderr } = await watchTraining('bar', PRETEND_TERMINAL);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`training [█░]+ \\d+/\\d+ pages, \\d+\\.\\d pages/s, .*${TRAINING_NUMBERS}`));
  });
});
