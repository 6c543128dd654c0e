import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DatasetPanel } from '../../../src/datasets/panel-files/page-panels.ts';
import { computePanels, type PanelContext } from '../../../src/jobs/pages/compute-panels.ts';
import { computePictureFeatures, computeTextFeatures } from '../../../src/jobs/pages/modality-features.ts';
import { changeForQuery } from '../../../src/preprocess/augment/query-changes.ts';
import { type ImageFile, openPage } from '../../../src/preprocess/image/open-image.ts';
import { drawPanel } from '../../support/images.ts';
import { openPanelContext, type TestPanelContext, withoutCache } from '../../support/panel-context.ts';

const CROP = { left: 5, top: 5, right: 100, bottom: 80 };
const CROPS = [CROP, changeForQuery(CROP, 'flipped'), changeForQuery(CROP, 'snapshot'), changeForQuery(CROP, 'grey')];

let context: TestPanelContext;
let image: ImageFile;

before(async () => {
  context = await openPanelContext();
  image = await openPage(await drawPanel(2).png().toBuffer(), context.resources.imageLimits);
});
after(() => context[Symbol.asyncDispose]());

/** The context with engines that compute nothing more. */
function withoutEngines(): PanelContext {
  const engines = { runBulk: () => assert.fail('the features are in the cache') };
  return { ...context, openedModel: { ...context.openedModel, engines } };
}

describe('features of one modality', () => {
  it('are those of the panel, and changed pictures have their own', async () => {
    const panel: DatasetPanel = {
      index: 0,
      number: null,
      box: [5, 5, 95, 75],
      crop: CROP,
      composition: new Float32Array(7),
      text: 'a dog',
      description: null,
      lettering: 'a dog',
      textAreas: [],
    };
    const pictures = await computePictureFeatures(image, CROPS, context);
    const [text, absent] = await computeTextFeatures(['a dog', null], context);
    const [computed] = await computePanels(image, [panel], ['fused'], withoutCache(context));
    assert.deepEqual(pictures[0], computed?.pooledFeatures.vision);
    assert.deepEqual(text, computed?.pooledFeatures.text);
    assert.equal(absent, undefined);
    const distinct = new Set(pictures.map((vision) => JSON.stringify(vision)));
    assert.equal(distinct.size, CROPS.length);
  });

  it('are taken from the cache, each under its own change', async () => {
    const computed = await Promise.all(
      CROPS.map((crop) => computePictureFeatures(image, [crop], withoutCache(context))),
    );
    const pictures = computed.flat();
    await computePictureFeatures(image, CROPS, context);
    const texts = await computeTextFeatures(['a dog', 'a cat'], context);
    await context.resources.features.flush();
    assert.deepEqual(await computePictureFeatures(image, CROPS.toReversed(), withoutEngines()), pictures.toReversed());
    assert.deepEqual(await computeTextFeatures(['a cat', 'a dog'], withoutEngines()), texts.toReversed());
  });

  it('are those of each crop, however many there are', async () => {
    const crops = Array.from({ length: 150 }, (_, i) => ({ left: i % 50, top: 0, right: 60, bottom: 80 }));
    const pictures = await computePictureFeatures(image, crops, context);
    assert.equal(pictures.length, 150);
    assert.deepEqual(pictures[140], pictures[40]);
    assert.notDeepEqual(pictures[140], pictures[41]);
  });
});
