import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EmbeddedPanel, EmbedOptions } from '../../src/embedding/embedder.ts';
import type { PageInput, PanelInput } from '../../src/embedding/panel-input.ts';
import { BBOX_LAYOUT } from '../../src/preprocess/panel-box.ts';
import { createServices, type Services } from '../../src/services.ts';
import { drawPanel, drawPngPanel } from '../support/images.ts';
import { createTestConfig, silentLogger } from '../support/in-process-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';
import { waitFor } from '../support/wait-for.ts';

const OPTIONS: EmbedOptions = { dimensions: 16, normalize: false, outputs: ['fused', 'vision', 'text', 'composition'] };

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let services: Services;
let memoryless: Services;
before(async () => {
  tiny = await makeTinyModel({ mode: 'reference', gridViews: 5 });
  await makeTinyModel({ home: tiny.home, name: 'other-head', mode: 'reference', gridViews: 5, seed: 2 });
  const start = (bytes: number) =>
    createServices(
      createTestConfig({
        PANELVEC_HOME: tiny.home,
        PANELVEC_MODELS: 'tiny,other-head',
        PANELVEC_FEATURES_MEMORY_BYTES: String(bytes),
      }),
      silentLogger,
    );
  services = await start(2 ** 20);
  memoryless = await start(0);
});
after(async () => {
  await services.pool.stop();
  await memoryless.pool.stop();
  await tiny.remove();
});

const image = (bytes: Uint8Array, field = 'image') => ({ bytes, field });
const text = { value: 'boom!', field: 'text' };

function embed(inputs: readonly PanelInput[], from = services, options = OPTIONS, model = 'tiny') {
  return from.embedder.embedPanels(from.models.find(model), inputs, options);
}

function pageOf(bytes: Uint8Array, ...lefts: number[]): PageInput {
  const panels = lefts.map((left, i) => ({
    param: `panels[${i}]`,
    box: { form: 'ocr', layout: BBOX_LAYOUT, numbers: [left, 5, 40, 75] } as const,
    boxField: `panels[${i}].box`,
    panelNumber: i + 1,
    text: i === 0 ? text : null,
  }));
  return { imageField: 'image', image: bytes, declaredSize: null, declaredSizeField: 'size', panels };
}

/** How often each stage ran, and panels were computed. */
async function readCounts({ metrics }: Services): Promise<{ decoded: number; inputs: number }> {
  const text = await metrics.registry.metrics();
  const decoded = /panelvec_stage_duration_seconds_count\{stage="decode"\} (\d+)/.exec(text);
  return { decoded: Number(decoded?.[1] ?? 0), inputs: metrics.totals.items };
}

function vectorsOf(panels: readonly EmbeddedPanel[]) {
  return panels.map(({ vectors, gateWeights, backboneWeights, modalities, tokens }) => ({
    vectors,
    gateWeights,
    backboneWeights,
    modalities,
    tokens,
  }));
}

describe('equal inputs of requests', () => {
  it('have the same bits as without the memory, from the first request on', async () => {
    const composition = Float32Array.of(1, 0.2, 1, 0, 0, 0.5, 0.5);
    const inputs: PanelInput[] = [
      { param: 'a', image: image(await drawPngPanel(1)) },
      { param: 'b', image: image(await drawPngPanel(2)), text },
      { param: 'c', text, composition },
      { param: 'd', image: image(await drawPngPanel(1)), composition },
    ];
    const pages = [pageOf(await drawPngPanel(3), 0, 30, 0), pageOf(await drawPngPanel(3), 30, 60)];
    const embedAll = async (from: Services, model: string) => [
      vectorsOf(await embed(inputs, from, OPTIONS, model)),
      ...(await from.embedder.embedPages(from.models.find(model), pages, OPTIONS)).map(({ panels, ...page }) => ({
        ...page,
        panels: vectorsOf(panels),
      })),
    ];
    for (const model of ['tiny', 'other-head']) {
      const expected = await embedAll(memoryless, model);
      for (const round of [1, 2])
        assert.deepEqual(await embedAll(services, model), expected, `${model}, round ${round}`);
    }
  });

  it('are decoded and encoded once, also for another head and while they are computed', async () => {
    const bytes = await drawPngPanel(10);
    const earlier = await readCounts(services);
    const { hits: earlierHits, misses: earlierMisses } = services.embedder.features.stats;
    const inputs = Array.from({ length: 8 }, (_, i) => ({ param: `input[${i}]`, image: image(bytes) }));
    await Promise.all([embed(inputs), embed(inputs)]);
    await embed(inputs, services, OPTIONS, 'other-head');
    const { decoded } = await readCounts(services);
    const { hits, misses } = services.embedder.features.stats;
    assert.equal(decoded - earlier.decoded, 1);
    assert.deepEqual([hits - earlierHits, misses - earlierMisses], [23, 1]);
  });

  it('are decoded once where panels of pages are equal, and not at all where all are known', async () => {
    const bytes = await drawPngPanel(11);
    const { embedder, models } = services;
    const embedPages = (...pages: PageInput[]) => embedder.embedPages(models.find('tiny'), pages, OPTIONS);
    const earlier = await readCounts(services);
    await embedPages(pageOf(bytes, 0, 30), pageOf(bytes, 30, 0));
    assert.equal((await readCounts(services)).decoded - earlier.decoded, 1);
    await embedPages(pageOf(bytes, 0, 30, 30));
    assert.equal((await readCounts(services)).decoded - earlier.decoded, 1);
    await embedPages(pageOf(bytes, 0, 60));
    assert.equal((await readCounts(services)).decoded - earlier.decoded, 2);
  });

  it('are others where the bytes or the crop are', async () => {
    const png = await drawPngPanel(12);
    const jpeg = await drawPanel(12).jpeg({ quality: 30 }).toBuffer();
    const [fromPng, fromJpeg] = await embed([
      { param: 'a', image: image(png) },
      { param: 'b', image: image(jpeg) },
    ]);
    assert.notDeepEqual(fromPng?.vectors.fused, fromJpeg?.vectors.fused);
    const [page] = await services.embedder.embedPages(services.models.find('tiny'), [pageOf(png, 0, 1)], OPTIONS);
    assert.notDeepEqual(page?.panels[0]?.vectors.vision, page?.panels[1]?.vectors.vision);
  });

  it('are embedded for the second client when the first goes away', async () => {
    const bytes = await drawPngPanel(13);
    const [engine] = services.pool.engines;
    process.kill(engine!.pid!, 'SIGSTOP');
    // These fill the engine and its pipe, so that the next waits in the queue.
    const filling = Array.from({ length: 40 }, (_, i) =>
      embed([{ param: 'x', text: { ...text, value: 'a'.repeat(i + 1) } }]),
    );
    await waitFor('a queue', () => services.pool.queueLength > 0);
    const { queueLength } = services.pool;
    const client = new AbortController();
    const first = embed([{ param: 'x', image: image(bytes) }], services, { ...OPTIONS, signal: client.signal });
    const second = embed([{ param: 'x', image: image(bytes) }]);
    const rejected = assert.rejects(first, { code: 'request_cancelled' });
    await waitFor('the picture in the queue', () => services.pool.queueLength === queueLength + 1);
    client.abort();
    process.kill(engine!.pid!, 'SIGCONT');
    await rejected;
    const expected = await embed([{ param: 'x', image: image(bytes) }], memoryless);
    assert.deepEqual(vectorsOf(await second), vectorsOf(expected));
    await Promise.all(filling);
  });

  it('are refused where equal panels of a page cannot be decoded, which does not end the process', async () => {
    const png = await drawPngPanel(71);
    const page = pageOf(png.subarray(0, png.length / 2), 5, 5, 5);
    await assert.rejects(services.embedder.embedPages(services.models.find('tiny'), [page], OPTIONS), {
      code: 'image_unreadable',
      param: 'image',
    });
  });

  it('are refused together for what is wrong with them, each with its own field, and again the next time', async () => {
    const png = await drawPngPanel(14);
    const broken = png.subarray(0, png.length / 2);
    for (const _ of [1, 2]) {
      const requests = ['input[3]', 'input[5]'].map((field) => embed([{ param: 'x', image: image(broken, field) }]));
      const errors = await Promise.all(requests.map((request) => request.catch((error) => [error.code, error.param])));
      assert.deepEqual(errors, [
        ['image_unreadable', 'input[3]'],
        ['image_unreadable', 'input[5]'],
      ]);
    }
  });
});
