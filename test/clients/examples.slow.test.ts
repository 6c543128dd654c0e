import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type JobService, startJobService } from '../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../support/make-corpus.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { runExample, skipNpm, skipPanelvecPython, skipPanelvecTypescript, skipPython } from './clients.ts';

const PAGE = readFileSync(path.join(import.meta.dirname, '../../docs/clients.md'), 'utf8');
const EXAMPLES = path.join(import.meta.dirname, '../../examples');
/** Each example is followed by its output. */
const EXAMPLE = /```(js|python)\n(.*?)```\n\n```text\n(.*?)```/gs;

const skip = skipNpm || skipPython || skipPanelvecPython || skipPanelvecTypescript;
let home: Awaited<ReturnType<typeof makeTinyModel>>;
let corpus: Corpus;
let service: JobService;
let jobId: string;
before(async () => {
  if (skip) return;
  home = await makeTinyModel();
  corpus = await makeCorpus(12);
  service = await startJobService(home.home, corpus, {
    PANELVEC_MODELS: 'compact',
    PANELVEC_DATA_ROOTS: `${EXAMPLES},${corpus.folder}`,
  });
  jobId = (await service.submit({ type: 'embed', output: 'pepper', dataset: corpus.dataset })).id;
  const { state, error } = await service.waitForEnd(jobId);
  assert.equal(state, 'succeeded', JSON.stringify(error));
});
after(async () => {
  if (skip) return;
  await service.stop();
  await corpus.remove();
  await home.remove();
});

describe('docs/clients.md', () => {
  it('has an output after each example', () => {
    assert.equal([...PAGE.matchAll(EXAMPLE)].length, [...PAGE.matchAll(/```(js|python)\n/g)].length);
  });

  for (const section of PAGE.split(/^## /m).slice(1)) {
    const title = section.slice(0, section.indexOf('\n'));
    for (const [i, [, language, code = '', output]] of [...section.matchAll(EXAMPLE)].entries()) {
      it(`${title}: the output of example ${i + 1} is right`, { skip }, async () => {
        const adapted = code
          .replaceAll('127.0.0.1:8080', new URL(service.address).host)
          .replaceAll('var/stores', path.join(home.home, 'stores'))
          .replaceAll('JOB', jobId);
        assert.equal(await runExample(language === 'js' ? 'js' : 'python', adapted), output);
      });
    }
  }
});
