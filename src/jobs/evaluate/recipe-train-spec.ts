import { PanelvecError } from '../../errors.ts';
import type { TrainSpec } from '../train/train-spec.ts';
import type { EvaluateRequest, Recipe } from './evaluate-spec.ts';

/** Where the fields of a train job are in a recipe. */
const RECIPE_FIELDS: readonly (readonly [trainField: string, recipeField: string])[] = [
  ['dataset.val_fraction', 'val_fraction'],
  ['model', 'model'],
  ['training', 'training'],
];

/** The spec of a train job that trains a recipe on the dataset of an evaluation. */
export function recipeTrainSpec(
  { dataset, max_bad_pages }: Pick<EvaluateRequest, 'dataset' | 'max_bad_pages'>,
  { name, model, training, val_fraction }: Recipe,
): TrainSpec {
  return {
    type: 'train',
    output: name,
    description: '',
    model,
    dataset: { ...dataset, val_pss_labels: null, val_fraction },
    training,
    max_bad_pages,
  };
}

/** Calls a function that checks or trains a recipe. Its errors name the field of the evaluation. */
export function withRecipeFields<T>(recipe: number, call: () => T): T {
  const rename = (error: unknown): never => {
    if (!(error instanceof PanelvecError) || error.param === undefined) throw error;
    throw new PanelvecError(error.code, error.message, { param: recipeParam(recipe, error.param), cause: error });
  };
  try {
    const result = call();
    return result instanceof Promise ? (result.catch(rename) as T) : result;
  } catch (error) {
    return rename(error);
  }
}

function recipeParam(recipe: number, param: string): string {
  for (const [trainField, recipeField] of RECIPE_FIELDS) {
    if (param === trainField || param.startsWith(`${trainField}.`)) {
      return `trainings.${recipe}.${recipeField}${param.slice(trainField.length)}`;
    }
  }
  return param === 'dataset' ? param : `trainings.${recipe}`;
}
