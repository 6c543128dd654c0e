import type { HeadSpec } from '../../src/model/head-spec.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../src/model/modality.ts';
import { COLUMNS, type Column, visionColumn } from '../../src/training/data/columns.ts';
import { writeTrainingPart } from '../../src/training/data/training-part-file.ts';
import { SeededRandom } from '../../src/util/seeded-random.ts';
import { PAGES_PER_STEP, PANELS_PER_PAGE } from './head-objectives.ts';

const STEPS_PER_EPOCH = 6;
const PAGES = PAGES_PER_STEP * STEPS_PER_EPOCH;
const ROWS = PAGES * PANELS_PER_PAGE;
const SEED = 11;

/** Pages to train a head on, as encoders would leave them: seeded features, panels of a page somewhat alike. */
export async function writeHeadPages(file: string, { backbones, textFeatures }: HeadSpec): Promise<void> {
  const random = new SeededRandom(SEED);
  const columns = new Map<string, Column>([
    ...backbones.map(({ name, features }): [string, Column] => [visionColumn(name), pagewise(features, random)]),
    [COLUMNS.text, pagewise(textFeatures, random)],
    [COLUMNS.composition, floats(COMPOSITION_FEATURES, () => random.uniform())],
    [COLUMNS.present, floats(MODALITIES.length, () => 1)],
  ]);
  const pages = Array.from({ length: PAGES }, (_, page) => ({
    id: `Book/page_${page}`,
    book: 'Book',
    rows: PANELS_PER_PAGE,
    texts: PANELS_PER_PAGE,
    validation: false,
  }));
  await writeTrainingPart(file, pages, columns);
}

/** (rows, width): half of what varies is the page's, half the panel's own */
function pagewise(width: number, random: SeededRandom): Column {
  const pageValues = Float32Array.from({ length: PAGES * width }, () => random.normal());
  const pageOf = (i: number) => Math.floor(i / width / PANELS_PER_PAGE);
  return floats(width, (i) => (pageValues[pageOf(i) * width + (i % width)]! + random.normal()) * Math.SQRT1_2);
}

function floats(width: number, value: (i: number) => number): Column {
  const values = Float32Array.from({ length: ROWS * width }, (_, i) => value(i));
  return { dtype: 'float32', shape: [width], bytes: new Uint8Array(values.buffer) };
}
