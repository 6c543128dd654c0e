import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { RunningService } from '../../src/http/server.ts';
import { drawPngPanel, toDataUri } from '../support/images.ts';
import { startService } from '../support/in-process-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

const [ACTIVE, CANARY] = ['tiny@1', 'other@1'];
const SHARE = 0.25;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: RunningService;
before(async () => {
  tiny = await makeTinyModel();
  const other = await makeTinyModel({ name: 'other', mode: 'reference' });
  await cp(other.folder, path.join(tiny.home, 'models/other'), { recursive: true });
  await other.remove();
  service = await startService({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny,other' });
  service.services.models.setAlias('default', { model: ACTIVE, canary: { model: CANARY, share: SHARE } });
});
after(async () => {
  await service.close();
  await tiny.remove();
});

type Headers = Record<string, string>;

/** The model that a response names. */
async function modelOf(route: string, body: string | Uint8Array | FormData, headers: Headers = {}): Promise<string> {
  const bytes = typeof body === 'string' || body instanceof FormData ? body : new Uint8Array(body);
  const response = await fetch(`${service.address}${route}`, { method: 'POST', body: bytes, headers });
  const json = (await response.json()) as { model?: string; model_name?: string; model_version?: string };
  assert.equal(response.status, 200, JSON.stringify(json));
  return json.model ?? `${json.model_name}@${json.model_version}`;
}

const JSON_HEADERS = { 'content-type': 'application/json' };
const postText = (input: string, options: object = {}, headers: Headers = JSON_HEADERS) =>
  modelOf('/v1/embeddings/text', JSON.stringify({ input, ...options }), headers);

describe('a canary', () => {
  it('gets its share of different requests, and each of them again', async () => {
    const texts = Array.from({ length: 400 }, (_, i) => `panel ${i}`);
    const models: string[] = [];
    for (const text of texts) models.push(await postText(text));
    const share = models.filter((model) => model === CANARY).length / texts.length;
    assert.ok(Math.abs(share - SHARE) < 0.07, `${share}`);
    const again = await Promise.all(texts.slice(0, 100).map((text) => postText(text)));
    assert.deepEqual(again, models.slice(0, 100));
  });

  it('gets requests of all kinds that embed', async () => {
    const png = await drawPngPanel(1);
    const kinds: Record<string, (i: number) => Promise<string>> = {
      texts: (i) => postText(`text ${i}`),
      openai: (i) => modelOf('/v1/embeddings', JSON.stringify({ input: `text ${i}` }), JSON_HEADERS),
      images: async (i) => modelOf('/v1/embeddings/image', await drawPngPanel(i), { 'content-type': 'image/png' }),
      panels: (i) => modelOf('/v1/embeddings/panel', JSON.stringify({ input: [{ text: `text ${i}` }] }), JSON_HEADERS),
      pages: (i) => modelOf('/v1/embeddings/page', pageForm(png, i)),
      labels: (i) =>
        modelOf(
          '/v1/zero-shot',
          JSON.stringify({ labels: ['a', 'b'.repeat(1 + (i % 20))], images: [toDataUri(png)] }),
          JSON_HEADERS,
        ),
      tensors: (i) => modelOf('/v2/models/default/infer', JSON.stringify(toTensors(i)), JSON_HEADERS),
    };
    for (const [kind, post] of Object.entries(kinds)) {
      const models: string[] = [];
      for (let i = 0; i < 40; i++) models.push(await post(i));
      assert.deepEqual([...new Set(models)].sort(), [CANARY, ACTIVE].sort(), kind);
    }
  });

  it('gets a form again whatever its boundary is, and a body however it is compressed', async () => {
    const png = await drawPngPanel(1);
    for (let i = 0; i < 12; i++) {
      const [first, second] = [await modelOf('/v1/embeddings/page', pageForm(png, i)), pageForm(png, i)];
      // FormData chooses another boundary each time.
      assert.equal(await modelOf('/v1/embeddings/page', second), first);
      const body = JSON.stringify({ input: `text ${i}` });
      const headers = { ...JSON_HEADERS, 'content-encoding': 'gzip' };
      const compressed = await modelOf('/v1/embeddings/text', gzipSync(body), headers);
      assert.equal(compressed, await postText(`text ${i}`));
    }
  });

  it('gets no request that names its model or expects the space of the active one', async () => {
    const { models } = service.services;
    const { space } = models.find(ACTIVE).model;
    for (let i = 0; i < 40; i++) {
      assert.equal(await postText(`text ${i}`, { model: 'tiny' }), ACTIVE);
      assert.equal(await postText(`text ${i}`, { model: CANARY }), CANARY);
      assert.equal(await postText(`text ${i}`, { expected_space: space }), ACTIVE);
    }
  });
});

function pageForm(png: Buffer, i: number): FormData {
  const form = new FormData();
  form.set('image', new File([new Uint8Array(png)], `${randomUUID()}.png`, { type: 'image/png' }));
  form.set('request', JSON.stringify({ panels: [{ bbox: [0, 0, 40 + i, 40] }] }));
  return form;
}

function toTensors(i: number): object {
  return { inputs: [{ name: 'comp_feats', datatype: 'FP32', shape: [1, 7], data: [1, 0.5, i / 100, 0, 0, 0.5, 0.5] }] };
}
