import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { PANEL_FORMATS, panelsSchema } from '../../../src/datasets/dataset-spec.ts';
import { splitCoco } from '../../../src/datasets/panel-files/formats/coco.ts';
import { splitKumiko } from '../../../src/datasets/panel-files/formats/kumiko.ts';
import { splitMokuro } from '../../../src/datasets/panel-files/formats/mokuro.ts';
import { readPagePanels } from '../../../src/datasets/panel-files/page-panels.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { testSeed } from '../../support/seed.ts';

const PAGE = { width: 900, height: 1200 };
const FIXTURES = path.join(import.meta.dirname, '../../fixtures');
const ROUNDS = 4000;
const VALUES = [
  null,
  true,
  -1,
  0,
  0.5,
  1e300,
  -1e300,
  900,
  '',
  'text',
  '7',
  [],
  {},
  [[]],
  [null, 1],
  { text: 'a' },
  { panels: [] },
];

function readFixtures(folder: string): unknown[] {
  const files = readdirSync(path.join(FIXTURES, folder)).filter((name) => name.endsWith('.json'));
  const texts = files.map((name) => readFileSync(path.join(FIXTURES, folder, name), 'utf8').replace(/^\ufeff/, ''));
  return texts.map((text) => JSON.parse(text));
}

/** Replaces or removes something at a random place. */
function mutate(value: unknown, random: () => number): unknown {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  if (typeof value !== 'object' || value === null || random() < 0.2) return pick(VALUES);
  const keys = Object.keys(value);
  if (keys.length === 0) return pick(VALUES);
  const key = pick(keys);
  const isRemoved = random() < 0.1;
  const entries = Object.entries(value).filter(([name]) => !(isRemoved && name === key));
  const changed = entries.map(([name, entry]) => [name, name === key ? mutate(entry, random) : entry] as const);
  return Array.isArray(value) ? changed.map(([, entry]) => entry) : Object.fromEntries(changed);
}

it('a panel file never throws, whatever it holds, and its crops lie on the page', (t) => {
  const random = mulberry32(testSeed(t));
  const files = [...readFixtures('panel-files'), ...readFixtures('other-tools')];
  for (let i = 0; i < ROUNDS; i++) {
    let json = files[i % files.length];
    for (let change = 0; change < 1 + (i % 4); change++) json = mutate(json, random);
    const format = PANEL_FORMATS[Math.floor(random() * PANEL_FORMATS.length)];
    const texts = random() < 0.3 ? mutate(files[Math.floor(random() * files.length)], random) : undefined;
    const { panels, skipped, problem } = readPagePanels(json, panelsSchema.parse({ format }), PAGE, 16, texts);
    for (const { crop, composition } of panels) {
      assert.ok(crop.left >= 0 && crop.top >= 0 && crop.right <= PAGE.width && crop.bottom <= PAGE.height);
      assert.ok(crop.left < crop.right && crop.top < crop.bottom && composition.every(Number.isFinite));
    }
    if (problem !== null) assert.equal(panels.length + skipped.length, 0);
    for (const split of [splitCoco, splitKumiko, splitMokuro]) split(json);
  }
});
