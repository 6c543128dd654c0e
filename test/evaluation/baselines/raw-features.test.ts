import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, it } from 'node:test';
import { fitRawFeatures, RawFeatures } from '../../../src/evaluation/baselines/raw-features.ts';
import { TrainingSet } from '../../../src/training/data/training-set.ts';
import { COLUMNS } from '../../../src/training/training-columns.ts';
import { baselinePlan, drawnView } from '../../support/baselines.ts';
import {
  type GeneratedTrainingSet,
  generateTrainingSet,
  MODEL_PARTS,
  TEXT_FEATURES,
} from '../../support/generated-training-set.ts';
import { maxDifference } from '../../support/numeric.ts';

const VISION = 12 + 10;

let generated: GeneratedTrainingSet;
let weights: string;
before(async () => {
  generated = await generateTrainingSet();
  const plan = baselinePlan(generated, 'raw');
  await mkdir(plan.folder);
  weights = await fitRawFeatures(plan);
});
after(() => generated.remove());

/** Texts of the training pages, those of panels without one left out. */
async function readTexts(): Promise<number[][]> {
  await using set = await TrainingSet.open(generated.parts);
  const columns = await set.read(set.pages.filter(({ rows }) => rows > 0));
  const floats = (name: string) => new Float32Array(columns.get(name)!.bytes.buffer);
  const [texts, present] = [floats(COLUMNS.text), floats(COLUMNS.present)];
  return Array.from({ length: present.length / 3 }, (_, row) => row)
    .filter((row) => present[3 * row + 1] === 1)
    .map((row) => [...texts.subarray(row * TEXT_FEATURES, (row + 1) * TEXT_FEATURES)]);
}

it('raw features are standardised on the panels that have them, and of unit length', async () => {
  const view = drawnView([[0, 1, 0]]);
  const { vectors, dimensions, gate } = (await RawFeatures.read(MODEL_PARTS, weights)).vectors(view);
  assert.deepEqual([dimensions, gate], [VISION + TEXT_FEATURES + 7, null]);
  const texts = await readTexts();
  const standardized = Array.from({ length: TEXT_FEATURES }, (_, i) => {
    const values = texts.map((text) => text[i]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return (view.text[i]! - mean) / deviation;
  });
  const length = Math.hypot(...standardized);
  const wanted = standardized.map((value) => value / length);
  assert.ok(maxDifference(vectors.subarray(VISION, VISION + TEXT_FEATURES), wanted) < 1e-5);
});

it('raw vectors have zeros for what a view lacks, whatever its features hold', async () => {
  const { vectors, dimensions } = (await RawFeatures.read(MODEL_PARTS, weights)).vectors(
    drawnView([
      [1, 0, 0],
      [0, 0, 1],
      [1, 1, 1],
    ]),
  );
  const row = (index: number) => vectors.subarray(index * dimensions, (index + 1) * dimensions);
  const lengths = (index: number) =>
    [
      row(index).subarray(0, 12),
      row(index).subarray(12, VISION),
      row(index).subarray(VISION, -7),
      row(index).subarray(-7),
    ].map((block) => Math.round(1e5 * Math.hypot(...block)) / 1e5);
  assert.deepEqual(
    [lengths(0), lengths(1), lengths(2)],
    [
      [1, 1, 0, 0],
      [0, 0, 0, 1],
      [1, 1, 1, 1],
    ],
  );
});
