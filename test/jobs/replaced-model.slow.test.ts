import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startJobService } from '../support/job-service-process.ts';
import { type Corpus, makeCorpus } from '../support/make-corpus.ts';
import { readJson } from '../support/read-json.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { lastCheckpointStep, modelFolder, readHistory, trainSpec } from '../support/train-jobs.ts';
import { waitFor } from '../support/wait-for.ts';

/** A model that is replaced while a job waits for its worker has another space, as all models have after an update of the code. */
const PAGES = 730;
const withoutCache = { PANELVEC_MAX_FEATURES_BYTES: '0' };

let corpus: Corpus;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
before(async () => {
  corpus = await makeCorpus(PAGES);
});
beforeEach(async () => {
  tiny = await makeTinyModel();
});
after(() => corpus.remove());

async function replaceModel(): Promise<void> {
  const file = path.join(tiny.folder, 'model.json');
  const spec = JSON.parse(await readFile(file, 'utf8'));
  spec.text.max_tokens = 20;
  await writeFile(file, JSON.stringify(spec));
}

describe('a job whose model is replaced', () => {
  it('does not mix two spaces in one store', async () => {
    const service = await startJobService(tiny.home, corpus, withoutCache);
    const { id } = await service.submit({ type: 'embed', output: 'mixed', dataset: corpus.dataset });
    const firstChunk = path.join(tiny.home, 'stores/mixed/embeddings.zarr/panel_masks/0.0');
    await waitFor('the first chunk', async () => existsSync(firstChunk), 60_000);
    await service.stop();
    await replaceModel();
    const next = await startJobService(tiny.home, corpus, withoutCache);
    try {
      const { state, error } = await next.waitForEnd(id);
      assert.deepEqual([state, error?.code, error?.param], ['failed', 'output_conflict', 'output']);
      assert.match(error?.message ?? '', /begun in the space [0-9a-f]{16}, and tiny@1 now embeds into [0-9a-f]{16}/);
    } finally {
      await next.stop();
      await tiny.remove();
    }
  });

  it('does not mix two spaces in one training, and begins it anew when it is submitted again', async () => {
    const service = await startJobService(tiny.home, corpus, withoutCache);
    const spec = trainSpec(corpus, 'mixed', {
      dataset: { limit: 150 },
      training: { epochs: 10, batch_size: 16, save_every_steps: 2 },
    });
    const { id } = await service.submit(spec);
    await waitFor('a checkpoint', async () => lastCheckpointStep(tiny.home, 'mixed') > 0, 60_000);
    await service.stop();
    await replaceModel();
    const next = await startJobService(tiny.home, corpus, withoutCache);
    try {
      const { state, error } = await next.waitForEnd(id);
      assert.deepEqual([state, error?.code, error?.param], ['failed', 'output_conflict', 'model.base']);
      const again = await next.submit(spec);
      assert.equal((await next.waitForEnd(again.id)).state, 'succeeded');
      const steps = readHistory(tiny.home, 'mixed').flatMap(({ kind, step }) => (kind === 'step' ? [step] : []));
      assert.deepEqual([steps[0], new Set(steps).size], [1, steps.length]);
      assert.equal((await readJson(modelFolder(tiny.home, 'mixed'), 'model.json')).text.max_tokens, 20);
    } finally {
      await next.stop();
      await tiny.remove();
    }
  });
});
