import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Services } from '../../src/services.ts';
import { drawPngPanel } from '../support/images.ts';
import { createTestServices } from '../support/in-process-service.ts';
import { makeTinyModel } from '../support/tiny-model.ts';

const OPTIONS = { dimensions: 16, normalize: false, outputs: ['fused'] } as const;

let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
let services: Services;
before(async () => {
  tiny = await makeTinyModel({ gridViews: 5 });
  services = await createTestServices({ PANELVEC_HOME: tiny.home, PANELVEC_MODELS: 'tiny' });
});
after(async () => {
  await services.pool.stop();
  await tiny.remove();
});

describe('the work in progress of a model with five views', () => {
  it('is five for a picture, one for a panel without, and five for a page without panels', async () => {
    const { embedder, models } = services;
    const model = models.find(undefined);
    const image = { bytes: await drawPngPanel(1), field: 'image' };
    const text = { value: 'boom!', field: 'text' };
    const panels = embedder.embedPanels(
      model,
      [
        { param: 'a', image, text },
        { param: 'b', text },
      ],
      OPTIONS,
    );
    assert.equal(embedder.admission.inFlight, 6);
    await panels;
    const page = { imageField: 'image', image: image.bytes, declaredSize: null, declaredSizeField: '', panels: [] };
    const pages = embedder.embedPages(model, [page], OPTIONS);
    assert.equal(embedder.admission.inFlight, 5);
    await pages;
    const prepared = {
      param: 'c',
      pixels: new Float32Array(5 * 3 * 8 * 8),
      tokens: null,
      composition: null,
      reading: null,
    };
    const results = embedder.inferPrepared(model, [prepared, prepared], ['fused'], {});
    assert.equal(embedder.admission.inFlight, 10);
    await results;
    assert.equal(embedder.admission.inFlight, 0);
  });
});
