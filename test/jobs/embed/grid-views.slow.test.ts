import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import request from 'supertest';
import { readModel } from '../../../src/model/model.ts';
import { gridCrops } from '../../../src/preprocess/image/grid-views.ts';
import { resizeCrop } from '../../../src/preprocess/image/resize-crop.ts';
import { drawPanel, toDataUri } from '../../support/images.ts';
import { readInferResponse } from '../../support/infer-client.ts';
import { assertInferRefused, postInfer, tensor, toBinaryBody } from '../../support/infer-requests.ts';
import { type JobService, startJobService } from '../../support/job-service-process.ts';
import { maxDifference } from '../../support/numeric.ts';
import { readZarrStore } from '../../support/read-zarr.ts';
import { makeTinyModel } from '../../support/tiny-model.ts';
import { modelFolder } from '../../support/train-jobs.ts';

const [WIDTH, HEIGHT, SIDE] = [90, 120, 8];
const BOXES = [
  [5, 5, 70, 50],
  [0, 60, 90, 60],
] as const;
const PAGES = 4;

let folder: string;
let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let service: JobService;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'panelvec-grid-'));
  tiny = await makeTinyModel({ gridViews: 5 });
  const single = await makeTinyModel({ name: 'single' });
  await cp(single.folder, path.join(tiny.home, 'models/single'), { recursive: true });
  await single.remove();
  for (let page = 1; page <= PAGES; page++) {
    const [book, boxes] = [`pages/book ${page}`, `boxes/book ${page}`].map((name) => path.join(folder, name));
    await Promise.all([mkdir(book!, { recursive: true }), mkdir(boxes!, { recursive: true })]);
    await writeFile(path.join(book!, '1.png'), await drawPanel(page, WIDTH, HEIGHT).png().toBuffer());
    const panels = BOXES.map((bbox) => ({ bbox, text: 'boom!' }));
    await writeFile(path.join(boxes!, '1.json'), JSON.stringify({ panels }));
  }
  service = await startJobService(tiny.home, { folder }, { PANELVEC_MODELS: 'tiny,single', PANELVEC_MAX_BATCH: '4' });
});
after(async () => {
  await service.stop();
  await tiny.remove();
  await rm(folder, { recursive: true, force: true });
});

const dataset = () => ({
  pages: path.join(folder, 'pages'),
  panels: { format: 'ocr', root: path.join(folder, 'boxes') },
});

async function run(spec: object): Promise<void> {
  const job = await service.waitForEnd((await service.submit(spec)).id);
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
}

async function embed(model: string, output: string): Promise<Float32Array> {
  await run({ type: 'embed', output, model, dataset: dataset() });
  const store = await readZarrStore(path.join(tiny.home, 'stores', output, 'embeddings.zarr'));
  return Float32Array.from((await store.readChunk(0)).embeddings.subarray(0, 2 * 16));
}

async function embedByRequest(model: string): Promise<number[]> {
  const page = await drawPanel(1, WIDTH, HEIGHT).png().toBuffer();
  const response = await request(service.address)
    .post('/v1/embeddings/page')
    .attach('image', page, 'page.png')
    .field('request', JSON.stringify({ model, panels: BOXES.map((bbox) => ({ bbox, text: 'boom!' })) }));
  assert.equal(response.status, 200, response.text);
  return response.body.data[0].panel_embeddings.flat().map(Math.fround);
}

/** Whole picture of a page as the five views that a client cuts and normalises itself */
async function makeViews(): Promise<{ readonly png: Buffer; readonly values: number[] }> {
  const image = drawPanel(1, WIDTH, HEIGHT);
  const raster = { data: await image.clone().raw().toBuffer(), width: WIDTH, height: HEIGHT };
  const [backbone] = (await readModel(tiny.folder)).spec.vision.backbones;
  const values: number[] = [];
  for (const crop of gridCrops({ left: 0, top: 0, right: WIDTH, bottom: HEIGHT }, 5)) {
    const pixels = await resizeCrop(raster, crop, SIDE);
    for (const channel of [0, 1, 2] as const) {
      const { mean, std } = { mean: backbone!.mean[channel], std: backbone!.std[channel] };
      for (let i = channel; i < pixels.length; i += 3) values.push((pixels[i]! / 255 - mean) / std);
    }
  }
  return {
    png: await sharp(await image.png().toBuffer())
      .png()
      .toBuffer(),
    values,
  };
}

describe('a model with five views', () => {
  it('gives a job the bits that it gives a request, also from the cache, and no vectors of one view', async () => {
    const single = await embed('single', 'single');
    const expected = await embedByRequest('tiny');
    for (const output of ['first', 'second']) assert.deepEqual([...(await embed('tiny', output))], expected);
    assert.deepEqual([...single], await embedByRequest('single'));
    assert.ok(maxDifference(single, expected) > 1e-3);
  });

  it('has a space of its own, and tells the number of views', async () => {
    const { body } = await request(service.address).get('/v1/models');
    const [five, one] = body.data;
    assert.deepEqual([five.grid_views, one.grid_views], [5, 1]);
    assert.notEqual(five.space, one.space);
  });

  it('takes the views as tensors, and refuses one view', async () => {
    const { png, values } = await makeViews();
    const images = tensor('images', 'FP32', [1, 5, 3, SIDE, SIDE], values);
    const outputs = [{ name: 'fused', parameters: { binary_data: true } }];
    const { outputs: own, status } = await readInferResponse(
      await postInfer(service.address, 'tiny', toBinaryBody([images], { outputs })),
    );
    assert.equal(status, 200);
    const { body } = await request(service.address)
      .post('/v1/embeddings/image')
      .send({ model: 'tiny', input: toDataUri(png) });
    assert.ok(maxDifference(own['fused']!, body.data[0].embedding) < 1e-5);
    const whole = tensor('images', 'FP32', [1, 3, SIDE, SIDE], values.slice(0, 3 * SIDE ** 2));
    const refused = await postInfer(service.address, 'tiny', toBinaryBody([whole]));
    const message = /images has the shape \(1, 3, 8, 8\), expected \(-1, 5, 3, 8, 8\)/;
    await assertInferRefused(refused, 400, 'invalid_request', 'inputs[0].shape', message);
  });

  it('is the base of models with five views', async () => {
    const spec = { dataset: { ...dataset(), val_fraction: 0 }, training: { epochs: 1, batch_size: 2 } };
    await run({ ...spec, type: 'train', output: 'trained', model: { base: 'tiny' } });
    assert.equal((await readModel(modelFolder(tiny.home, 'trained'))).spec.vision.grid_views, 5);
  });
});
