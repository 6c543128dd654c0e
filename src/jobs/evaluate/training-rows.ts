import type { BaselineKind } from '../../evaluation/baselines/baseline.ts';
import { trainingSchema } from '../../training/training-spec.ts';
import { type TrainSpec, trainedModelSchema } from '../train/train-spec.ts';
import type { EvaluateSpec } from './evaluate-spec.ts';
import { recipeTrainSpec } from './recipe-train-spec.ts';

/** Rows of training data that an evaluation writes, as a train job would. */
export interface TrainingRows {
  /** The name of their files */
  readonly name: string;
  readonly spec: TrainSpec;
}

/** All rows that are trained on: those of each recipe, and those of the baselines, of which some have the same. */
export function listTrainingRows(spec: EvaluateSpec): TrainingRows[] {
  const recipes = [...spec.trainings.keys()].map((recipe) => recipeRows(spec, recipe));
  const baselines = new Map<string, TrainingRows>();
  for (const kind of spec.baselines) {
    const rows = baselineRows(spec, kind);
    baselines.set(rows.name, rows);
  }
  return [...recipes, ...baselines.values()];
}

export function recipeRows(spec: EvaluateSpec, index: number): TrainingRows {
  const recipe = spec.trainings[index];
  if (recipe === undefined) throw new RangeError(`there is no training ${index}`);
  return { name: `training-${index}`, spec: recipeTrainSpec(spec, recipe) };
}

/**
 * The rows of a baseline. For the original fusion an absent text is the empty text, and has its features; the first version was
 * given zeros.
 */
export function baselineRows(spec: EvaluateSpec, kind: BaselineKind): TrainingRows {
  const mode = kind === 'reference' ? 'reference' : 'present';
  if (spec.baseline_model === null) throw new RangeError('the evaluation has no model for its baselines');
  const recipe = {
    name: `baseline-${mode}`,
    model: { ...trainedModelSchema.parse({ fusion_mode: mode }), base: spec.baseline_model },
    training: trainingSchema.parse({ modality_dropout: 0, weights: { fused_alignment: 0 } }),
    val_fraction: 0,
  };
  return { name: recipe.name, spec: recipeTrainSpec(spec, recipe) };
}
