import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jobSpecSchema, readStoredSpec } from '../../src/jobs/job-spec.ts';

/** Specs as version 1.0 has stored them, in the order of their keys in the database. */
const DATASET = {
  limit: null,
  panels: { root: '/data/vlm', format: 'vlm' },
  manifest: '/data/manifest.csv',
  pss_labels: '/data/pss_labels.json',
  identifiers: 'bridged',
  only_narrative: true,
  max_panels_per_page: 16,
};
const EMBED = { type: 'embed', model: 'tiny@1', output: 'pepper', dataset: DATASET, max_bad_pages: 0.1 };
const TRAIN = {
  type: 'train',
  model: { base: 'tiny@1' },
  output: 'mine',
  dataset: { ...DATASET, val_fraction: 0.1, val_pss_labels: null },
};

const EVALUATE = {
  type: 'evaluate',
  output: 'worth',
  models: ['tiny@1'],
  trainings: [{ name: 'recipe', model: { base: 'tiny@1' } }],
  baselines: ['v1'],
  baseline_model: 'tiny@1',
  baseline_epochs: 20,
  dataset: DATASET,
};

const INDEX = { type: 'index', output: 'shelf', model: 'tiny@1', dataset: DATASET };

describe('the spec of a stored job', () => {
  for (const stored of [EMBED, TRAIN, EVALUATE, INDEX]) {
    it(`gets the defaults of fields that an earlier version did not have: ${stored.type}`, () => {
      const { dataset } = readStoredSpec(stored);
      assert.ok(dataset);
      assert.deepEqual([dataset.pages, dataset.encoding, dataset.path_map], [null, null, {}]);
      assert.deepEqual(dataset.images, { formats: [], tolerant: false });
      assert.deepEqual([dataset.panels.format, dataset.panels.root], ['vlm', '/data/vlm']);
      assert.deepEqual([dataset.panels.texts, dataset.panels.box_scale], [null, null]);
    });

    it(`is the same when it is read again: ${stored.type}`, () => {
      const spec = readStoredSpec(stored);
      assert.equal(JSON.stringify(readStoredSpec(spec)), JSON.stringify(spec));
      assert.equal(JSON.stringify(jobSpecSchema.parse(spec)), JSON.stringify(spec));
    });
  }

  it('keeps the model and the paths that were chosen', () => {
    const spec = readStoredSpec(EMBED);
    const model = 'model' in spec ? spec.model : undefined;
    assert.deepEqual([model, spec.output, spec.dataset?.manifest], ['tiny@1', 'pepper', '/data/manifest.csv']);
  });

  it('is refused, naming the field, if a later version has stored it', () => {
    const later = { ...EMBED, dataset: { ...DATASET, panels: { ...DATASET.panels, format: 'telepathy' } } };
    assert.throws(() => readStoredSpec(later), { code: 'invalid_request', param: 'dataset.panels.format' });
    assert.throws(() => readStoredSpec({ ...EMBED, colour: 'red' }), {
      code: 'invalid_request',
      message: /another version.*colour/,
    });
  });
});
