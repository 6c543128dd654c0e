import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { PageSize } from '../../src/preprocess/boxes.ts';
import { BBOX_LAYOUT, BOX_2D_LAYOUT, type BoxNumbers, placePanel } from '../../src/preprocess/panel-box.ts';
import { joinVlmText } from '../../src/preprocess/panel-text.ts';
import { REFERENCE_FOLDER } from '../support/reference-cases.ts';

const CORPUS = path.join(REFERENCE_FOLDER, 'pages/corpus');

interface ExpectedPanel {
  readonly crop: number[];
  readonly text: string;
  readonly comp_feats: number[];
}
interface ExpectedPage {
  readonly canonical_id: string;
  readonly panels: ExpectedPanel[];
}

const expected: Record<'vlm' | 'ocr', { pages: ExpectedPage[] }> = JSON.parse(
  await readFile(path.join(REFERENCE_FOLDER, 'pages/expected.json'), 'utf8'),
);
const manifest = new Map(
  (await readFile(path.join(CORPUS, 'manifest.csv'), 'utf8'))
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(',') as [string, string]),
);

interface RawPanel {
  readonly bbox?: unknown;
  readonly box_2d?: unknown;
  readonly panel_number?: number;
  readonly description?: string;
  readonly text_content?: { text: string }[];
}

async function readPanels(format: 'vlm' | 'ocr', id: string): Promise<RawPanel[] | undefined> {
  const stem = path.join(CORPUS, format, id);
  const file = [`${stem}.json`, `${stem.replace(/\.\w+$/, '')}.json`].find((candidate) => existsSync(candidate));
  if (file === undefined) return undefined;
  const json = JSON.parse(await readFile(file, 'utf8'));

  return Object.values<RawPanel>(json.panels ?? []).filter((panel) => typeof panel === 'object');
}

async function pageSize(id: string): Promise<PageSize> {
  const { width, height } = await sharp(path.join(CORPUS, manifest.get(id)!)).metadata();
  return { width, height };
}

const isBox = (value: unknown): value is BoxNumbers =>
  Array.isArray(value) && value.length === 4 && value.every((number) => typeof number === 'number');

function assertCovered(count: number, pages: readonly ExpectedPage[]): void {
  assert.equal(
    count,
    pages.reduce((total, page) => total + page.panels.length, 0),
  );
  assert.ok(count > 0);
}

describe('composition numbers and crops equal the original', () => {
  it('of OCR boxes', async () => {
    let compared = 0;
    for (const { canonical_id: id, panels } of expected.ocr.pages) {
      const page = await pageSize(id);
      const boxes = (await readPanels('ocr', id))!.map((panel) => panel.bbox).filter(isBox);
      const kept = boxes.filter(([x, y]) => x < page.width && y < page.height);
      for (const [i, box] of kept.entries()) {
        const { crop, composition } = placePanel({ form: 'ocr', layout: BBOX_LAYOUT, numbers: box }, page, i + 1);
        assert.deepEqual([...composition], panels[i]!.comp_feats);
        assert.deepEqual([crop.left, crop.top, crop.right, crop.bottom], panels[i]!.crop);
        compared++;
      }
    }
    assertCovered(compared, expected.ocr.pages);
  });

  it('of VLM boxes', async () => {
    let compared = 0;
    for (const { canonical_id: id, panels } of expected.vlm.pages) {
      const page = await pageSize(id);
      const kept = (await readPanels('vlm', id))!.filter(
        ({ box_2d: box }) => isBox(box) && box[2] > box[0] && box[3] > box[1],
      );
      for (const [i, panel] of kept.slice(0, 16).entries()) {
        const box = { form: 'vlm', layout: BOX_2D_LAYOUT, numbers: panel.box_2d as BoxNumbers } as const;
        const { composition } = placePanel(box, page, panel.panel_number ?? i + 1);
        assert.deepEqual([...composition], panels[i]!.comp_feats, id);
        compared++;
      }
    }
    assertCovered(compared, expected.vlm.pages);
  });

  it('of the crops of VLM boxes, where no skipped box shifts them', async () => {
    const clean = expected.vlm.pages.find((page) => page.canonical_id === 'Sky Patrol 01/page_001.jpg')!;
    const page = await pageSize(clean.canonical_id);
    const panels = (await readPanels('vlm', clean.canonical_id))!;
    for (const i of [0, 1]) {
      const box = { form: 'vlm', layout: BOX_2D_LAYOUT, numbers: panels[i]!.box_2d as BoxNumbers } as const;
      const { left, top, right, bottom } = placePanel(box, page, i + 1).crop;
      assert.deepEqual([left, top, right, bottom], clean.panels[i]!.crop);
      const { description, text_content } = panels[i]!;
      assert.equal(joinVlmText({ description, text_content }), clean.panels[i]!.text);
    }
  });
});
