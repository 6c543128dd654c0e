import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { ServedModels } from '../../../src/embedding/served-models.ts';
import { evaluateSpecSchema } from '../../../src/jobs/evaluate/evaluate-spec.ts';
import { resolveEvaluate } from '../../../src/jobs/evaluate/resolve-evaluate.ts';
import { type Corpus, makeCorpus } from '../../support/make-corpus.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';

let corpus: Corpus;
let home: string;
let models: ServedModels;
before(async () => {
  const [made, tiny] = await Promise.all([makeCorpus(2), makeTinyModel()]);
  [corpus, home] = [made, tiny.home];
  models = await ServedModels.load([tiny.name], home);
});
after(async () => {
  await corpus.remove();
  await rm(home, { recursive: true, force: true });
});

const resolve = (fields: object) =>
  resolveEvaluate(evaluateSpecSchema.parse({ type: 'evaluate', output: 'worth', dataset: corpus.dataset, ...fields }), {
    home,
    dataRoots: [corpus.folder],
    getModel: (name) => models.find(name).model,
  });
const recipe = (fields: object = {}) => ({ name: 'recipe', ...fields });

describe('the spec of an evaluation', () => {
  it('gets the ids of models, and the model and epochs of the baselines', async () => {
    const spec = await resolve({
      models: ['tiny'],
      trainings: [recipe({ training: { epochs: 30 } })],
      baselines: ['v1', 'raw'],
    });
    assert.deepEqual(spec.models, ['tiny@1']);
    assert.equal(spec.trainings[0]!.model.base, 'tiny@1');
    assert.deepEqual([spec.baseline_model, spec.baseline_epochs], ['tiny@1', 30]);
    const short = await resolve({ trainings: [recipe({ training: { epochs: 3 } })], baselines: ['raw'] });
    assert.deepEqual([short.baseline_model, short.baseline_epochs], ['tiny@1', 20]);
    assert.equal((await resolve({ models: ['tiny'] })).baseline_model, null);
  });

  const refusals: readonly (readonly [string, object])[] = [
    ['models', {}],
    ['models.1', { models: ['tiny', 'absent'] }],
    ['models.1', { models: ['tiny', 'tiny@1'] }],
    ['trainings.0.model.base', { trainings: [recipe({ model: { base: 'absent' } })] }],
    ['trainings.0.model.visual_backbone', { trainings: [recipe({ model: { visual_backbone: 'absent' } })] }],
    ['trainings.1.name', { trainings: [recipe(), recipe()] }],
    ['trainings.0.name', { trainings: [recipe({ name: 'raw' })] }],
    ['trainings.0.training.freeze_backbones', { trainings: [recipe({ training: { freeze_backbones: false } })] }],
    ['trainings.0.training.early_stopping_epochs', { trainings: [recipe({ training: { early_stopping_epochs: 3 } })] }],
    ['baselines.1', { models: ['tiny'], baselines: ['raw', 'raw'] }],
    ['baseline_model', { models: ['tiny'], baselines: ['raw'], baseline_model: 'absent' }],
    ['baseline_model', { models: ['tiny'], baseline_model: 'tiny' }],
    ['folds', { models: ['tiny'], folds: 2, test_pss_labels: 'pss_labels.json' }],
    ['test_pss_labels', { models: ['tiny'], test_pss_labels: 'absent.json' }],
    ['dataset.pss_labels', { models: ['tiny'], dataset: { pages: '.', pss_labels: 'absent.json' } }],
  ];
  for (const [param, fields] of refusals) {
    it(`is refused, naming ${param}: ${JSON.stringify(fields)}`, async () => {
      await assert.rejects(resolve(fields), { param });
    });
  }
});
