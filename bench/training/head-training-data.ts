/** What the head is trained on: options of a training, and pages as encoders would leave them. */

import type { FusionMode, HeadSpec } from '../../src/model/head-spec.ts';
import { COMPOSITION_FEATURES, MODALITIES } from '../../src/model/modality.ts';
import { writeTrainingPart } from '../../src/training/data/training-part-file.ts';
import { COLUMNS, type Column, visionColumn } from '../../src/training/training-columns.ts';
import { type TrainingOptions, trainingSchema } from '../../src/training/training-spec.ts';
import { SeededRandom } from '../../src/util/seeded-random.ts';

/** The original's objectives, or all that panelvec adds */
export const VARIANTS = ['original', 'panelvec'] as const;
export type Variant = (typeof VARIANTS)[number];

export const PAGES_PER_STEP = 8;
export const PANELS_PER_PAGE = 6;
const STEPS_PER_EPOCH = 6;
const PAGES = PAGES_PER_STEP * STEPS_PER_EPOCH;
const ROWS = PAGES * PANELS_PER_PAGE;
const SEED = 11;

/** More than any window takes: the learning rate stays where it is. */
const EPOCHS = 10_000;
const COMMON_OPTIONS = { epochs: EPOCHS, batch_size: PAGES_PER_STEP, dropout: 0.1, max_grad_norm: 1 } as const;

/** Arithmetic and objectives of the original: see docs/training.md. */
const ORIGINAL_OPTIONS = {
  weights: { contrastive: 1, reconstruction: 0.5, alignment: 0.3, fused_alignment: 0 },
  symmetric_alignment: false,
  detach_target: false,
  modality_dropout: 0,
} as const;

export function headTraining(variant: Variant): { readonly options: TrainingOptions; readonly fusionMode: FusionMode } {
  return variant === 'original'
    ? { options: trainingSchema.parse({ ...COMMON_OPTIONS, ...ORIGINAL_OPTIONS }), fusionMode: 'reference' }
    : { options: trainingSchema.parse(COMMON_OPTIONS), fusionMode: 'present' };
}

/** Writes pages with seeded features, in which the panels of a page are somewhat alike. */
export async function writeHeadPages(file: string, { backbones, textFeatures }: HeadSpec): Promise<void> {
  const random = new SeededRandom(SEED);
  const columns = new Map<string, Column>([
    ...backbones.map(({ name, features }): [string, Column] => [visionColumn(name), drawFeatures(features, random)]),
    [COLUMNS.text, drawFeatures(textFeatures, random)],
    [COLUMNS.composition, toColumn(COMPOSITION_FEATURES, () => random.uniform())],
    [COLUMNS.present, toColumn(MODALITIES.length, () => 1)],
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

/** (rows, width), in which half of the variance is the page's and half the panel's own */
function drawFeatures(width: number, random: SeededRandom): Column {
  const pageValues = Float32Array.from({ length: PAGES * width }, () => random.normal());
  const pageOf = (i: number) => Math.floor(i / width / PANELS_PER_PAGE);
  return toColumn(width, (i) => (pageValues[pageOf(i) * width + (i % width)]! + random.normal()) * Math.SQRT1_2);
}

function toColumn(width: number, value: (i: number) => number): Column {
  const values = Float32Array.from({ length: ROWS * width }, (_, i) => value(i));
  return { dtype: 'float32', shape: [width], bytes: new Uint8Array(values.buffer) };
}
