import { trainingSchema } from '../../training/training-spec.ts';
import { type TrainSpec, trainedModelSchema } from '../train/train-spec.ts';
import type { EvaluateSpec, Recipe } from './evaluate-spec.ts';
import { recipeTrainSpec } from './recipe-train-spec.ts';

/** Rows of training data that an evaluation writes: for each recipe, and for all baselines together. */
export interface TrainingRows {
  /** The name of their files */
  readonly name: string;
  readonly spec: TrainSpec;
}

const BASELINE_ROWS = 'baselines';

export function listTrainingRows(spec: EvaluateSpec): TrainingRows[] {
  const recipes = spec.trainings.map((recipe, i) => ({ name: recipeRows(i), spec: recipeTrainSpec(spec, recipe) }));
  const baselines = baselineTrainSpec(spec);
  return baselines === undefined ? recipes : [...recipes, { name: BASELINE_ROWS, spec: baselines }];
}

export function recipeRows(recipe: number): string {
  return `training-${recipe}`;
}

/**
 * The train job whose rows the baselines are trained on; undefined without baselines. In the original an absent text is the
 * empty one, so it has a row.
 */
export function baselineTrainSpec(spec: EvaluateSpec): TrainSpec | undefined {
  if (spec.baseline_model === null) return undefined;
  const recipe: Recipe = {
    name: BASELINE_ROWS,
    model: { ...trainedModelSchema.parse({ fusion_mode: 'reference' }), base: spec.baseline_model },
    training: trainingSchema.parse({ modality_dropout: 0, weights: { fused_alignment: 0 } }),
    val_fraction: 0,
  };
  return recipeTrainSpec(spec, recipe);
}
