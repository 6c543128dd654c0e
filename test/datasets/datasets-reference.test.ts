import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import sharp from 'sharp';
import { type Dataset, datasetSchema, type PanelFormat, panelsSchema } from '../../src/datasets/dataset-spec.ts';
import type { PageEntry } from '../../src/datasets/index-pages.ts';
import { readPagePanels } from '../../src/datasets/panel-files/page-panels.ts';
import type { PageSize } from '../../src/preprocess/boxes.ts';
import type { Crop } from '../../src/preprocess/image/resize-crop.ts';
import { BOX_2D_LAYOUT, placePanel } from '../../src/preprocess/panel-box.ts';
import { REFERENCE_FOLDER } from '../support/reference-cases.ts';
import { indexDataset } from './small-dataset.ts';

const CORPUS = path.join(REFERENCE_FOLDER, 'pages/corpus');

interface ExpectedPage {
  readonly canonical_id: string;
  readonly overall_summary: string | null;
  readonly panels: { readonly crop: number[]; readonly text: string; readonly comp_feats: number[] }[];
}
type Expected = Record<PanelFormat, { readonly kept: string[]; readonly pages: ExpectedPage[] }>;

const expected: Expected = JSON.parse(await readFile(path.join(REFERENCE_FOLDER, 'pages/expected.json'), 'utf8'));

function corpus(format: PanelFormat, identifiers: Dataset['identifiers']): Dataset {
  return datasetSchema.parse({
    manifest: path.join(CORPUS, 'manifest.csv'),
    pss_labels: path.join(CORPUS, 'pss_labels.json'),
    panels: { format, root: path.join(CORPUS, format) },
    identifiers,
  });
}

async function readPage(format: PanelFormat, page: PageEntry) {
  const json = JSON.parse(await readFile(page.panelsPath ?? '', 'utf8'));
  const { width, height } = await sharp(page.imagePath).metadata();
  return {
    json,
    size: { width, height },
    read: readPagePanels(json, panelsSchema.parse({ format }), { width, height }, 16),
  };
}

/**
 * The original cut out a VLM panel whose corners are strings or null before it dropped it, and what it noted are the cuts in
 * their order: such a cut stands in the place of a panel's own, and the last ones are missing.
 */
function recordedCrops(json: { panels?: unknown }, size: PageSize, kept: ReadonlyMap<number, number[]>): number[][] {
  const list: { box_2d?: unknown }[] = Object.values(json.panels ?? []);
  const crops = list.flatMap(({ box_2d: box }, index) => {
    const own = kept.get(index);
    if (own !== undefined) return [own];
    if (!Array.isArray(box) || box.length !== 4 || box.every((value) => typeof value === 'number')) return [];
    const [a = 0, b = 0, c = 0, d = 0] = box.map(Number);
    return [edges(placePanel({ form: 'vlm', layout: BOX_2D_LAYOUT, numbers: [a, b, c, d] }, size, 1).crop)];
  });
  return crops.slice(0, kept.size);
}

function edges({ left, top, right, bottom }: Crop): number[] {
  return [left, top, right, bottom];
}

describe('the original', () => {
  const entries = new Map<PanelFormat, PageEntry[]>();
  before(async () => {
    for (const format of ['vlm', 'ocr'] as const)
      entries.set(format, (await indexDataset(corpus(format, 'bridged'))).pages);
  });

  it('keeps the same pages', async () => {
    const kept = async (format: PanelFormat, identifiers: Dataset['identifiers']) =>
      (await indexDataset(corpus(format, identifiers))).kept;
    assert.deepEqual(await kept('vlm', 'bridged'), expected.vlm.kept);
    assert.deepEqual(await kept('ocr', 'exact'), expected.ocr.kept);
    // Its reader of OCR panels looks labels up exactly.
    const bridged = await kept('ocr', 'bridged');
    const extra = bridged.filter((id) => !expected.ocr.kept.includes(id));
    assert.deepEqual(extra, ['amazon/Ink & Iron v2/page_000.png']);
    assert.equal(bridged.length, expected.ocr.kept.length + 1);
  });

  for (const format of ['vlm', 'ocr'] as const) {
    it(`reads the same panels: ${format}`, async () => {
      let compared = 0;
      for (const expectedPage of expected[format].pages) {
        const page = entries.get(format)!.find((entry) => entry.canonicalId === expectedPage.canonical_id)!;
        const { json, size, read } = await readPage(format, page);
        const panels = expectedPage.panels.map(({ text, comp_feats }) => ({
          text: text.trim() === '' ? null : text,
          comp_feats,
        }));
        assert.deepEqual(
          read.panels.map(({ text, composition }) => ({ text, comp_feats: [...composition] })),
          panels,
          expectedPage.canonical_id,
        );
        const crops = new Map(read.panels.map(({ index, crop }) => [index, edges(crop)]));
        const recorded = format === 'vlm' ? recordedCrops(json, size, crops) : [...crops.values()];
        assert.deepEqual(
          recorded,
          expectedPage.panels.map(({ crop }) => crop),
          expectedPage.canonical_id,
        );
        assert.equal(read.overallSummary, expectedPage.overall_summary ?? '');
        compared += read.panels.length;
      }
      const total = expected[format].pages.reduce((count, { panels }) => count + panels.length, 0);
      assert.equal(compared, total);
      assert.equal(expected[format].pages.length, expected[format].kept.length);
      assert.ok(compared > 0);
    });
  }
});
