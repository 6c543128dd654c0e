import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { headSpec } from '../../src/model/model.ts';
import type { ModelParts } from '../../src/model/model-builder.ts';
import { COLUMNS, type Column, type PageNote, visionColumn } from '../../src/training/data/columns.ts';
import { writePart } from '../../src/training/data/part-file.ts';
import type { HistoryRecord } from '../../src/training/history/record.ts';
import { initialWeights } from '../../src/training/initial-weights.ts';
import { Stepper } from '../../src/training/stepper.ts';
import { isTrained, pooledOf, rateGroup } from '../../src/training/trained-model.ts';
import { trainingFiles } from '../../src/training/training-files.ts';
import type { TrainingHooks } from '../../src/training/training-hooks.ts';
import type { TrainingPlan } from '../../src/training/training-plan.ts';
import { trainingSchema } from '../../src/training/training-spec.ts';
import { seeded } from './numbers.ts';

export const DIMENSIONS = 16;
export const BACKBONES = [
  { name: 'siglip', features: 12 },
  { name: 'resnet', features: 10 },
] as const;
export const TEXT_FEATURES = 8;
/** Numbers that stand behind a page, and others behind each panel: features are views of both. */
const [OF_PAGE, OF_PANEL] = [3, 3];
const HIDDEN = OF_PAGE + OF_PANEL;
const NOISE = 0.1;

/** A head over two backbones, whose encoders nobody runs. */
export const PARTS: ModelParts = {
  format: 1,
  name: 'drawn',
  version: 1,
  description: 'for tests',
  licence: 'MIT',
  dimensions: DIMENSIONS,
  vision: {
    image_size: 8,
    backbones: BACKBONES.map(({ name, features }) => ({
      name,
      features,
      encoder: { kind: 'onnx', file: `${name}.onnx`, input: 'image', output: 'features' },
      mean: [0, 0, 0],
      std: [1, 1, 1],
    })),
  },
  text: {
    encoder: { kind: 'onnx', file: 'text.onnx', input_ids: 'ids', attention_mask: 'mask', output: 'features' },
    features: TEXT_FEATURES,
    max_tokens: 24,
  },
  head: {
    weights: 'head.safetensors',
    visual_fusion: 'attention',
    modality_indicators: true,
    fusion_mode: 'present',
  },
};

export interface DrawOptions {
  readonly books?: number;
  readonly pagesPerBook?: number;
  readonly parts?: number;
  readonly seed?: number;
  /** How far panels of a page differ, where pages differ by 1 */
  readonly spread?: number;
}

export interface DrawnSet {
  readonly folder: string;
  readonly parts: readonly string[];
  /** A training of these pages in a folder of its own */
  plan(name: string, options?: object, more?: Partial<TrainingPlan>): Promise<TrainingPlan>;
  remove(): Promise<void>;
}

/** Pages of 1 to 6 panels that are alike within a page; two panels of three have words. */
export async function drawTrainingSet(draw: DrawOptions = {}): Promise<DrawnSet> {
  const { books = 4, pagesPerBook = 5, parts: count = 2, seed = 1, spread = 1 } = draw;
  const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-training-'));
  const notes = Array.from({ length: books * pagesPerBook }, (_, page): PageNote => {
    const [book, rows] = [`book ${Math.floor(page / pagesPerBook)}`, 1 + ((page * 5 + seed) % 6)];
    return { id: `${book}/${page}`, book, rows, texts: rows - Math.floor(rows / 3), validation: false };
  });
  const size = Math.ceil(notes.length / count);
  const files: string[] = [];
  for (let part = 0; part < count; part++) {
    const file = path.join(folder, `part-${part}.safetensors`);
    const pages = notes.slice(part * size, (part + 1) * size);
    await writePart(file, pages, drawColumns(pages, 100 * seed + part, spread));
    files.push(file);
  }
  return {
    folder,
    parts: files,
    async plan(name, options = {}, more = {}) {
      const own = path.join(folder, name);
      await mkdir(own, { recursive: true });
      return { ...planOf(own, files, options), ...more };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function planOf(folder: string, parts: readonly string[], options: object): TrainingPlan {
  return {
    folder,
    parts,
    base: { id: 'drawn@1', folder, spec: { ...PARTS, files: {} }, space: 'drawn' },
    model: PARTS,
    options: trainingSchema.parse({ epochs: 3, batch_size: 4, save_every_steps: 3, log_interval: 1, ...options }),
    validationFraction: 0.25,
    provider: 'cpu',
    device: 0,
    threads: 1,
  };
}

/** Every third panel of a page has no words; features of what is absent are zeros. */
export function hasText(panel: number): boolean {
  return panel % 3 !== 2;
}

function drawColumns(pages: readonly PageNote[], seed: number, spread: number): Map<string, Column> {
  const views = seeded(99);
  const random = seeded(seed);
  const widths = [...BACKBONES.map(({ features }) => features), TEXT_FEATURES];
  const matrices = widths.map((width) => Array.from({ length: width * HIDDEN }, views));
  const rows = widths.map(() => [] as number[]);
  const [composition, present] = [[] as number[], [] as number[]];
  for (const page of pages) {
    const behind = Array.from({ length: OF_PAGE }, random);
    for (let panel = 0; panel < page.rows; panel++) {
      const own = [...behind, ...Array.from({ length: OF_PANEL }, () => spread * random())];
      for (const [at, width] of widths.entries()) {
        const isAbsent = at === BACKBONES.length && !hasText(panel);
        for (let k = 0; k < width; k++) {
          const seen = own.reduce((sum, value, i) => sum + value * matrices[at]![k * HIDDEN + i]!, 0);
          rows[at]!.push(isAbsent ? 0 : seen + NOISE * random());
        }
      }
      composition.push(...Array.from({ length: 7 }, () => 0.5 + 0.5 * random()));
      present.push(1, hasText(panel) ? 1 : 0, 1);
    }
  }
  return new Map([
    ...BACKBONES.map(({ name, features }, at) => [visionColumn(name), floatColumn([features], rows[at]!)] as const),
    [COLUMNS.text, floatColumn([TEXT_FEATURES], rows.at(-1)!)],
    [COLUMNS.composition, floatColumn([7], composition)],
    [COLUMNS.present, floatColumn([3], present)],
  ]);
}

export function floatColumn(shape: readonly number[], values: ArrayLike<number>): Column {
  return { dtype: 'float32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

export interface Heard extends TrainingHooks {
  readonly notes: string[];
  readonly records: HistoryRecord[];
  /** Stops the training, with this for a reason */
  stop(reason: Error): void;
}

/** @param onStep after each step, with how many there have been, those of before included */
export function listen(onStep: (step: number, heard: Heard) => void = () => {}): Heard {
  const stopping = new AbortController();
  const heard: Heard = {
    signal: stopping.signal,
    notes: [],
    records: [],
    stop: (reason) => stopping.abort(reason),
    begun() {},
    progress: (_done, _total, detail) => onStep(detail['step']!, heard),
    record: (record) => heard.records.push(record),
    note: (message) => heard.notes.push(message),
  };
  return heard;
}

/** All that is left of a training when it is over, byte for byte: its last checkpoint, the best, and the history. */
export async function outcome({ folder }: TrainingPlan): Promise<Record<string, Buffer>> {
  const { checkpoints, history } = trainingFiles(folder);
  const last = (await checkpointNames(folder)).at(-1)!;
  const best = path.join(checkpoints, 'best.safetensors');
  return {
    [last]: await readFile(path.join(checkpoints, last)),
    ...(existsSync(best) && { best: await readFile(best) }),
    history: await readFile(history),
  };
}

/** Of the steps that are kept, from the oldest on */
export async function checkpointNames(folder: string): Promise<string[]> {
  const names = await readdir(trainingFiles(folder).checkpoints);
  return names.filter((name) => name.startsWith('step-')).sort();
}

/** A stepper of the drawn head, as a training makes it. */
export async function makeStepper(plan: TrainingPlan): Promise<Stepper> {
  const { options, model, threads } = plan;
  const weights = await initialWeights(plan);
  return Stepper.create(
    weights,
    { spec: headSpec(model), options, dropout: options.dropout, trains: isTrained },
    pooledOf(plan, weights),
    {
      provider: 'cpu',
      device: 0,
      threads,
      weightDecay: options.weight_decay,
      maxGradNorm: options.max_grad_norm ?? Number.POSITIVE_INFINITY,
      groupOf: rateGroup,
    },
  );
}
