import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ModelDefinition } from '../../src/model/model-spec.ts';
import { writeTrainingPart } from '../../src/training/data/training-part-file.ts';
import { buildEncoderOutputs } from '../../src/training/graphs/encoder-outputs.ts';
import type { HistoryRecord } from '../../src/training/history/history-record.ts';
import { initialWeights } from '../../src/training/preparation/initial-weights.ts';
import { createTrainableModel } from '../../src/training/preparation/prepare-training.ts';
import type { TrainableModel } from '../../src/training/step/trainable-model.ts';
import {
  COLUMNS,
  type Column,
  type PageMetadata,
  viewsColumn,
  visionColumn,
} from '../../src/training/training-columns.ts';
import type { TrainingHooks } from '../../src/training/training-hooks.ts';
import { type TrainingPlan, trainingPaths } from '../../src/training/training-plan.ts';
import { trainingSchema } from '../../src/training/training-spec.ts';
import { seeded } from './numeric.ts';

export const DIMENSIONS = 16;
export const BACKBONES = [
  { name: 'siglip', features: 12 },
  { name: 'resnet', features: 10 },
] as const;
export const TEXT_FEATURES = 8;
/** Latent numbers of a page and of each panel. Features are projections of both. */
const [PAGE_LATENTS, PANEL_LATENTS] = [3, 3];
const LATENTS = PAGE_LATENTS + PANEL_LATENTS;
const NOISE = 0.1;

/** A model with two backbones, whose encoders never run */
export const MODEL_PARTS: ModelDefinition = {
  format: 1,
  name: 'drawn',
  version: 1,
  description: 'for tests',
  licence: 'MIT',
  dimensions: DIMENSIONS,
  vision: {
    image_size: 8,
    grid_views: 1,
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

export interface GenerateOptions {
  readonly books?: number;
  readonly pagesPerBook?: number;
  readonly parts?: number;
  readonly seed?: number;
  /** How much the panels of a page differ. Pages differ by 1. */
  readonly panelVariation?: number;
  /** Views of each panel */
  readonly views?: number;
}

export interface GeneratedTrainingSet {
  readonly folder: string;
  readonly parts: readonly string[];
  /** Makes the plan of a training of these pages in a folder of its own. */
  plan(name: string, options?: object, overrides?: Partial<TrainingPlan>): Promise<TrainingPlan>;
  remove(): Promise<void>;
}

/** Writes pages of 1 to 6 panels that are alike within a page. Two panels of three have texts. */
export async function generateTrainingSet(settings: GenerateOptions = {}): Promise<GeneratedTrainingSet> {
  const { books = 4, pagesPerBook = 5, parts: partCount = 2, seed = 1, panelVariation = 1, views = 0 } = settings;
  const folder = await mkdtemp(path.join(tmpdir(), 'panelvec-training-'));
  const allPages = Array.from({ length: books * pagesPerBook }, (_, page): PageMetadata => {
    const [book, rows] = [`book ${Math.floor(page / pagesPerBook)}`, 1 + ((page * 5 + seed) % 6)];
    return { id: `${book}/${page}`, book, rows, texts: rows - Math.floor(rows / 3), validation: false };
  });
  const size = Math.ceil(allPages.length / partCount);
  const files: string[] = [];
  for (let part = 0; part < partCount; part++) {
    const file = path.join(folder, `part-${part}.safetensors`);
    const pages = allPages.slice(part * size, (part + 1) * size);
    const columns = generateColumns(pages, 100 * seed + part, panelVariation);
    await writeTrainingPart(file, pages, views === 0 ? columns : withAlternatives(columns, views, 300 * seed + part));
    files.push(file);
  }
  return {
    folder,
    parts: files,
    async plan(name, options = {}, overrides = {}) {
      const planFolder = path.join(folder, name);
      await mkdir(planFolder, { recursive: true });
      return { ...makePlan(planFolder, files, options), ...overrides };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function makePlan(folder: string, parts: readonly string[], options: object): TrainingPlan {
  return {
    folder,
    partFiles: parts,
    base: { id: 'drawn@1', folder, spec: { ...MODEL_PARTS, files: {} }, space: 'drawn', created: 0 },
    model: MODEL_PARTS,
    options: trainingSchema.parse({ epochs: 3, batch_size: 4, save_every_steps: 3, log_interval: 1, ...options }),
    validationFraction: 0.25,
    provider: 'cpu',
    device: 0,
    threads: 1,
  };
}

/** Whether a panel has a text: every third panel of a page has none, and its text features are zeros. */
export function hasText(panel: number): boolean {
  return panel % 3 !== 2;
}

function generateColumns(pages: readonly PageMetadata[], seed: number, panelVariation: number): Map<string, Column> {
  const projectionRandom = seeded(99);
  const random = seeded(seed);
  const widths = [...BACKBONES.map(({ features }) => features), TEXT_FEATURES];
  const projections = widths.map((width) => Array.from({ length: width * LATENTS }, projectionRandom));
  const rows = widths.map(() => [] as number[]);
  const [composition, present] = [[] as number[], [] as number[]];
  for (const page of pages) {
    const pageLatents = Array.from({ length: PAGE_LATENTS }, random);
    for (let panel = 0; panel < page.rows; panel++) {
      const latents = [...pageLatents, ...Array.from({ length: PANEL_LATENTS }, () => panelVariation * random())];
      for (const [column, width] of widths.entries()) {
        const isAbsent = column === BACKBONES.length && !hasText(panel);
        for (let k = 0; k < width; k++) {
          const feature = latents.reduce((sum, value, i) => sum + value * projections[column]![k * LATENTS + i]!, 0);
          rows[column]!.push(isAbsent ? 0 : feature + NOISE * random());
        }
      }
      composition.push(...Array.from({ length: 7 }, () => 0.5 + 0.5 * random()));
      present.push(1, hasText(panel) ? 1 : 0, 1);
    }
  }
  return new Map([
    ...BACKBONES.map(({ name, features }, i) => [visionColumn(name), toFloatColumn([features], rows[i]!)] as const),
    [COLUMNS.text, toFloatColumn([TEXT_FEATURES], rows.at(-1)!)],
    [COLUMNS.composition, toFloatColumn([7], composition)],
    [COLUMNS.present, toFloatColumn([3], present)],
  ]);
}

/** Adds views, which are the pictures with noise, and separate texts: every second panel with text has both kinds. */
function withAlternatives(columns: Map<string, Column>, views: number, seed: number): Map<string, Column> {
  const random = seeded(seed);
  const valuesOf = (name: string) => new Float32Array(columns.get(name)!.bytes.buffer);
  const withNoise = (row: Float32Array) => [...row].map((value) => value + NOISE * random());
  const rowsOf = (name: string, width: number) =>
    Array.from({ length: valuesOf(name).length / width }, (_, i) =>
      valuesOf(name).subarray(i * width, (i + 1) * width),
    );
  const textRows = rowsOf(COLUMNS.text, TEXT_FEATURES);
  const kinds = rowsOf(COLUMNS.present, 3).map(([, text], row) => [
    text === 1 ? 1 : 0,
    text === 1 && row % 2 === 0 ? 1 : 0,
  ]);
  const separate = textRows.flatMap((row, i) =>
    [0, 1].flatMap((kind) => (kinds[i]![kind] === 1 ? withNoise(row) : new Array<number>(TEXT_FEATURES).fill(0))),
  );
  return new Map([
    ...columns,
    ...BACKBONES.map(({ name, features }) => {
      const rows = rowsOf(visionColumn(name), features);
      const values = rows.flatMap((row) => Array.from({ length: views }, () => withNoise(row)).flat());
      return [viewsColumn(name), toFloatColumn([views, features], values)] as const;
    }),
    [COLUMNS.separateTexts, toFloatColumn([2, TEXT_FEATURES], separate)],
    [COLUMNS.textKinds, toFloatColumn([2], kinds.flat())],
  ]);
}

export function toFloatColumn(shape: readonly number[], values: ArrayLike<number>): Column {
  return { dtype: 'float32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

export interface RecordedHooks extends TrainingHooks {
  readonly messages: string[];
  readonly records: HistoryRecord[];
  /** Stops the training with a reason. */
  stop(reason: Error): void;
}

/** Makes hooks that record everything. @param onStep is called after each step with the number of steps since the first start */
export function recordHooks(onStep: (step: number, hooks: RecordedHooks) => void = () => {}): RecordedHooks {
  const controller = new AbortController();
  const hooks: RecordedHooks = {
    signal: controller.signal,
    messages: [],
    records: [],
    stop: (reason) => controller.abort(reason),
    onStart() {},
    onProgress: (_done, _total, detail) => onStep(detail['step']!, hooks),
    onRecord: (record) => hooks.records.push(record),
    onWarning: (message) => hooks.messages.push(message),
  };
  return hooks;
}

/** Reads the output of a training byte for byte: last checkpoint, best checkpoint and history. */
export async function readTrainingOutput({ folder }: TrainingPlan): Promise<Record<string, Buffer>> {
  const { checkpoints, history } = trainingPaths(folder);
  const last = (await listCheckpoints(folder)).at(-1)!;
  const best = path.join(checkpoints, 'best.safetensors');
  return {
    [last]: await readFile(path.join(checkpoints, last)),
    ...(existsSync(best) && { best: await readFile(best) }),
    history: await readFile(history),
  };
}

/** Lists the checkpoints of steps, oldest first. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  const names = await readdir(trainingPaths(folder).checkpoints);
  return names.filter((name) => name.startsWith('step-')).sort();
}

/** The drawn head, ready to be trained, as a training opens it. */
export async function makeTrainableModel(plan: TrainingPlan): Promise<TrainableModel> {
  const weights = await initialWeights(plan);
  const session = { provider: 'cpu', device: 0, threads: plan.threads } as const;
  return createTrainableModel(plan, weights, buildEncoderOutputs(plan, weights), session);
}
