/** Runs against the service that test/clients/panelvec-typescript.slow.test.ts starts, with the example pages. */
import assert from 'node:assert/strict';
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { JobError, Panelvec } from '@panelvec/client';

const { PANELVEC_URL: url, PANELVEC_API_KEY: apiKey, PANELVEC_EXAMPLES: examples } = process.env;
const client = new Panelvec({ url, apiKey });
const image = await readFile(path.join(examples, 'pages/page_001.jpg'));
const panelFile = JSON.parse(await readFile(path.join(examples, 'vlm/Moonlit Harbor/page_001.json'), 'utf8'));
const dataset = {
  manifest: 'manifest.csv',
  pss_labels: 'pss_labels.json',
  panels: { format: 'vlm', root: 'vlm' },
};

describe('pages', () => {
  it('have the bits of the service', async () => {
    const page = await client.page(image, panelFile, { canonical_id: 'a/1', pad_to: 6 });
    const data = `data:image/jpeg;base64,${image.toString('base64')}`;
    const direct = await client.api.POST('/v1/embeddings/page', { body: { ...panelFile, image: data, pad_to: 6 } });
    assert.deepEqual(
      page.vectors,
      direct.data.data[0].panel_embeddings.map((vector) => Float32Array.from(vector)),
    );
    assert.deepEqual(page.mask, [true, true, true, true, true, false]);
    assert.deepEqual([page.canonicalId, page.space], ['a/1', direct.data.space]);
  });

  it('may be a blob and a list of panels; notes tell what was read differently', async () => {
    const blob = await openAsBlob(path.join(examples, 'pages/page_001.jpg'));
    const { vectors, metadata } = await client.page(blob, [{ bbox: [0, 0, 99_999, 50] }]);
    assert.deepEqual([vectors.length, metadata.notes], [1, [{ panel: 0, note: 'reaches_over_page' }]]);
  });

  it('that are wrong give the field and the request', async () => {
    await assert.rejects(client.page(image, [{ bbox: [0, 0, 1] }]), (error) => {
      assert.deepEqual([error.status, error.code, error.field], [400, 'invalid_request', 'panels[0].bbox']);
      assert.match(error.requestId, /^[\w-]+$/);
      return true;
    });
  });
});

describe('pictures and texts', () => {
  it('give a vector each, and several outputs', async () => {
    const { vectors, outputs, items } = await client.images([image, new Blob([image])], {
      outputs: ['fused', 'text'],
      dimensions: 16,
      normalize: true,
    });
    assert.deepEqual(vectors[0], vectors[1]);
    assert.ok(Math.abs(Math.hypot(...vectors[0]) - 1) < 1e-5);
    assert.deepEqual([vectors[0].length, outputs.text, items[0].modalities], [16, [null, null], ['vision']]);
    const texts = await client.texts(['a cat', 'a cat '.repeat(1000)]);
    assert.deepEqual(
      texts.items.map(({ truncated }) => truncated),
      [false, true],
    );
  });
});

describe('search', () => {
  it('takes words and pictures', async () => {
    assert.equal((await client.search('examples', { text: 'a lighthouse', top_k: 3 })).data.length, 3);
    const found = await client.search('examples', { image, text: 'a ship', weights: { text: 0.5 } });
    assert.deepEqual(found.query.weights, { image: 1, text: 0.5 });
  });
});

describe('jobs', () => {
  it('are submitted, followed and waited for', async () => {
    const job = await client.submitJob({ type: 'embed', output: 'typescript', dataset });
    const states = [];
    for await (const { state } of client.followJob(job.id)) states.push(state);
    assert.equal(states.at(-1), 'succeeded');
    assert.equal((await client.waitForJob(job.id)).id, job.id);
  });

  it('that fail reject', async () => {
    const panels = { format: 'vlm', root: 'pages' };
    const job = await client.submitJob({ type: 'embed', output: 'none', dataset: { ...dataset, panels } });
    await assert.rejects(client.waitForJob(job.id), (error) => {
      assert.ok(error instanceof JobError);
      assert.equal(error.code, 'dataset_invalid');
      return true;
    });
  });

  it('that are unknown are an error at once', async () => {
    await assert.rejects(client.waitForJob('00000000-0000-4000-8000-000000000000'), { status: 404 });
  });
});

describe('a key', () => {
  it('that is wrong is refused', async () => {
    const other = new Panelvec({ url, apiKey: 'pv_wrong' });
    await assert.rejects(other.texts(['a']), { status: 401, code: 'key_invalid' });
  });
});
