import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { AbsentFeatures } from '../../evaluation/baselines/baseline.ts';
import type { VectorsOfRows } from '../../evaluation/contender-vectors.ts';
import type { VectorsPlan } from '../../evaluation/evaluator-process/evaluator-messages.ts';
import type { EvaluatorProcess } from '../../evaluation/evaluator-process/evaluator-process.ts';
import type { Model } from '../../model/model.ts';
import { elementAt } from '../../util/arrays.ts';
import type { TaskContext } from '../job-kind.ts';
import { type AbsentFeaturesOf, computeAbsentFeatures } from './absent-features.ts';
import type { Contender, ModelContender } from './contenders.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import type { EvaluationPaths } from './evaluation-paths.ts';
import type { EvaluationFold, EvaluationSplit } from './evaluation-split.ts';
import { withRecipeFields } from './recipe-train-spec.ts';
import { trainBaselineOnFold } from './train-baseline-on-fold.ts';
import { trainRecipe } from './train-recipe.ts';

/** What the vectors of an evaluation are made with. */
export interface VectorMaker {
  readonly spec: EvaluateSpec;
  readonly split: EvaluationSplit;
  readonly paths: EvaluationPaths;
  readonly context: TaskContext;
  readonly evaluator: EvaluatorProcess;
}

/** Raw features have zeros where a modality is absent. */
const NO_FEATURES: AbsentFeatures = { vision: {}, text: new Float32Array() };

/** Steps of the progress of one training: its share is a fraction, and progress counts in whole numbers. */
const PROGRESS_STEPS = 100;

/**
 * Trains what is trained on each fold, and computes the vectors of all contenders. A file of vectors that is there is finished,
 * and stays; a training goes on from its last checkpoint.
 * @returns the files of each contender, by its key
 */
export async function makeVectors(
  contenders: readonly Contender[],
  maker: VectorMaker,
): Promise<Map<string, VectorsOfRows[]>> {
  const { split, context } = maker;
  const trained = contenders.filter((contender) => contender.kind !== 'model');
  const steps = split.folds.length * trained.length * PROGRESS_STEPS;
  context.reportProgress(0, steps);
  const absent = new AbsentFeaturesCache(context);
  const files = new Map<string, VectorsOfRows[]>();
  const add = (key: string, vectors: VectorsOfRows) => files.set(key, [...(files.get(key) ?? []), vectors]);
  for (const contender of contenders) {
    if (contender.kind !== 'model') continue;
    const file = maker.paths.work.vectors('all', contender.key);
    if (!existsSync(file)) await computeHeadVectors(contender.model, contender, null, file, absent, maker);
    add(contender.key, { file, rows: [...split.panels.keys()] });
  }
  let done = 0;
  for (const [i, fold] of split.folds.entries()) {
    for (const contender of trained) {
      const file = maker.paths.work.vectors(i, contender.key);
      const onProgress = (share: number, detail: Readonly<Record<string, number>>) =>
        context.reportProgress(done + Math.floor(share * PROGRESS_STEPS), steps, { fold: i + 1, ...detail });
      if (!existsSync(file)) await trainAndCompute(contender, fold, i, file, absent, maker, onProgress);
      done += PROGRESS_STEPS;
      context.reportProgress(done, steps);
      add(contender.key, { file, rows: fold.rows });
    }
  }
  return files;
}

async function trainAndCompute(
  contender: Exclude<Contender, ModelContender>,
  fold: EvaluationFold,
  index: number,
  file: string,
  absent: AbsentFeaturesCache,
  maker: VectorMaker,
  onProgress: (share: number, detail: Readonly<Record<string, number>>) => void,
): Promise<void> {
  const { spec, context } = maker;
  const { work } = maker.paths;
  const folder = work.training(index, contender.key);
  const partFiles = fold.training.flatMap(({ part, books }) =>
    books.map((book) => work.trainingRows(part, contender.rows.name, book)),
  );
  const training = { folder, partFiles, onProgress };
  if (contender.kind === 'training') {
    const model = await withRecipeFields(contender.recipe, () => trainRecipe(contender, training, context));
    await computeHeadVectors(model, contender, fold.pages, file, absent, maker);
  } else {
    const features =
      contender.kind === 'raw' ? NO_FEATURES : (await absent.get(contender.encoders.model.id))[contender.kind];
    const trained = await trainBaselineOnFold(contender, features, training, spec, context);
    await computeVectors({ kind: 'baseline', trained }, contender.encoders.key, fold.pages, file, maker);
  }
  // Checkpoints are of no use once the vectors are there.
  await rm(folder, { recursive: true, force: true });
}

async function computeHeadVectors(
  model: Model,
  { encoders }: Contender,
  pages: readonly string[] | null,
  file: string,
  absent: AbsentFeaturesCache,
  maker: VectorMaker,
): Promise<void> {
  const isReference = model.spec.head.fusion_mode === 'reference';
  const fusion: VectorsPlan['fusion'] = {
    kind: 'head',
    model,
    absent: isReference ? (await absent.get(encoders.model.id)).reference : undefined,
  };
  await computeVectors(fusion, encoders.key, pages, file, maker);
}

async function computeVectors(
  fusion: VectorsPlan['fusion'],
  encoders: string,
  pages: readonly string[] | null,
  output: string,
  { evaluator, paths, split, context }: VectorMaker,
): Promise<void> {
  const { provider, devices, threads } = context.resources.engines;
  await evaluator.computeVectors({
    fusion,
    viewFiles: split.measuredParts.map((part) => paths.work.views(part, encoders)),
    pages,
    output,
    provider,
    device: elementAt(devices, 0),
    threads,
  });
}

/** The features that stand in for absent modalities, by model: only some contenders need them. */
class AbsentFeaturesCache {
  readonly #context: TaskContext;
  readonly #features = new Map<string, Promise<AbsentFeaturesOf>>();

  constructor(context: TaskContext) {
    this.#context = context;
  }

  get(modelId: string): Promise<AbsentFeaturesOf> {
    const features = this.#features.get(modelId) ?? computeAbsentFeatures(modelId, this.#context);
    this.#features.set(modelId, features);
    return features;
  }
}
