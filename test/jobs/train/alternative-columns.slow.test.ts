import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DatasetPanel } from '../../../src/datasets/panel-files/page-panels.ts';
import { computeTextFeatures } from '../../../src/jobs/pages/modality-features.ts';
import { separateTextColumns, viewColumns } from '../../../src/jobs/train/alternative-columns.ts';
import { type ImageFile, openPage } from '../../../src/preprocess/image/open-image.ts';
import { COLUMNS, type Column, viewsColumn } from '../../../src/training/training-columns.ts';
import { drawPanel } from '../../support/images.ts';
import { openPanelContext, type TestPanelContext, withoutCache } from '../../support/panel-context.ts';

const VIEWS = 4;
const makePanel = (index: number, fields: Partial<DatasetPanel> = {}): DatasetPanel => ({
  index,
  number: null,
  box: [0, 0, 1, 1],
  crop: { left: 10 * index, top: 5, right: 60 + 10 * index, bottom: 85 },
  composition: new Float32Array(7),
  text: null,
  description: null,
  lettering: null,
  textAreas: [],
  ...fields,
});

let context: TestPanelContext;
let image: ImageFile;
let backbones: readonly { readonly name: string; readonly features: number }[];
before(async () => {
  context = await openPanelContext();
  image = await openPage(await drawPanel(2).png().toBuffer(), context.resources.imageLimits);
  backbones = context.openedModel.servedModel.model.spec.vision.backbones;
});
after(() => context[Symbol.asyncDispose]());

const values = (columns: readonly [string, Column][], name: string) => {
  const column = new Map(columns).get(name)!;
  return [...new Float32Array(column.bytes.buffer, column.bytes.byteOffset, column.bytes.byteLength / 4)];
};
async function readViews(panels: readonly DatasetPanel[], page = image, views = VIEWS) {
  const columns = await viewColumns(page, panels, { views, backbones }, withoutCache(context));
  const [{ name, features }] = backbones as [(typeof backbones)[number]];
  assert.deepEqual(new Map(columns).get(viewsColumn(name))?.shape, [views, features]);
  const numbers = values(columns, viewsColumn(name));
  const rows = Array.from({ length: numbers.length / features }, (_, i) =>
    numbers.slice(i * features, (i + 1) * features),
  );
  return panels.map((_, i) => rows.slice(i * views, (i + 1) * views));
}

describe('views of panels', () => {
  it('differ from each other, and are the same whoever draws them, alone or with others', async () => {
    const panels = [makePanel(0), makePanel(1), makePanel(2)];
    const views = await readViews(panels);
    assert.equal(new Set(views.flat().map(String)).size, 3 * VIEWS);
    assert.deepEqual(await readViews([makePanel(7, { crop: panels[1]!.crop })]), [views[1]]);
    const more = await readViews([panels[1]!], image, VIEWS + 2);
    assert.deepEqual(more[0]!.slice(0, VIEWS), views[1], 'more views are added to those that are there');
  });

  it('are the same on a page that is decoded in parts', async () => {
    const panels = [makePanel(0), makePanel(6)];
    const narrow = { ...image, maxPixels: 70 * 85 };
    assert.deepEqual(await readViews(panels, narrow), await readViews(panels));
  });

  it('are in the cache for the next training', async () => {
    const options = { views: VIEWS, backbones };
    const columns = await viewColumns(image, [makePanel(3)], options, context);
    await context.resources.features.flush();
    const engines = { runBulk: () => assert.fail('the features are in the cache') };
    const cached = { ...context, openedModel: { ...context.openedModel, engines } };
    assert.deepEqual(await viewColumns(image, [makePanel(3)], options, cached), columns);
  });
});

describe('texts apart', () => {
  it('are those of description and lettering, and of an absent text where there is none', async () => {
    const panels = [
      makePanel(0, { text: 'a cat boom!', description: 'a cat', lettering: 'boom!' }),
      makePanel(1, { text: 'rain falls', description: 'rain falls' }),
      makePanel(2, { text: 'who goes there?', lettering: 'who goes there?' }),
      makePanel(3),
    ];
    const joined = await computeTextFeatures(
      panels.map(({ text }) => text),
      context,
    );
    const absent = new Float32Array(joined[0]!.length).fill(7);
    const columns = await separateTextColumns(panels, joined, absent, context);
    const [cat, boom] = await computeTextFeatures(['a cat', 'boom!'], context);
    const expected = [cat, boom, joined[1], absent, absent, joined[2], absent, absent];
    assert.deepEqual(
      values(columns, COLUMNS.separateTexts),
      expected.flatMap((row) => [...row!]),
    );
    assert.deepEqual(values(columns, COLUMNS.textKinds), [1, 1, 1, 0, 0, 1, 0, 0]);
    assert.deepEqual(new Map(columns).get(COLUMNS.separateTexts)?.shape, [2, absent.length]);
  });
});
