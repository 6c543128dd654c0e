import { existsSync } from 'node:fs';
import { PanelvecError } from '../../errors.ts';
import { BASELINE_KINDS } from '../../evaluation/baselines/baseline.ts';
import { resolveInRoots } from '../data-roots.ts';
import { resolveDataset, type SubmissionContext } from '../submission.ts';
import { refuseField } from '../train/refuse-field.ts';
import { assertTrainableRequest, resolveModel } from '../train/resolve-train.ts';
import type { EvaluateRequest, EvaluateSpec, Recipe, RecipeRequest } from './evaluate-spec.ts';
import { evaluationPaths } from './evaluation-paths.ts';
import { recipeTrainSpec, withRecipeFields } from './recipe-train-spec.ts';

/** As long as the original trains. */
const MIN_BASELINE_EPOCHS = 20;

/** Resolves names and paths of a request, so that a worker on any machine can run it. @throws PanelvecError with the param */
export async function resolveEvaluate(request: EvaluateRequest, context: SubmissionContext): Promise<EvaluateSpec> {
  const { baselines, output, test_pss_labels: testLabels } = request;
  if (request.models.length + request.trainings.length + baselines.length === 0)
    refuseField('models', 'there is nothing to measure: give models, trainings or baselines');
  if (request.folds !== null && testLabels !== null)
    refuseField('folds', 'test_pss_labels says which pages are measured: folds must be absent or null');
  if (request.baseline_model !== null && baselines.length === 0)
    refuseField('baseline_model', 'there are no baselines whose encoders it could be: it must be absent or null');
  const models = request.models.map((name, i) => resolveModel(name, `models.${i}`, context).id);
  const trainings = request.trainings.map((recipe, i) => resolveRecipe(recipe, i, request, context));
  assertDistinctNames(models, request);
  assertOutputAvailable(context.home, output);
  const baselineModel = request.baseline_model ?? models[0] ?? trainings[0]?.model.base ?? null;
  return {
    ...request,
    models,
    trainings,
    baseline_model: baselines.length === 0 ? null : resolveModel(baselineModel, 'baseline_model', context).id,
    baseline_epochs:
      request.baseline_epochs ?? Math.max(MIN_BASELINE_EPOCHS, ...trainings.map(({ training }) => training.epochs)),
    dataset: await resolveDataset(request.dataset, context.dataRoots),
    test_pss_labels: testLabels && (await resolveInRoots(testLabels, 'file', context.dataRoots, 'test_pss_labels')),
  };
}

function resolveRecipe(
  recipe: RecipeRequest,
  index: number,
  request: EvaluateRequest,
  context: SubmissionContext,
): Recipe {
  return withRecipeFields(index, () => {
    const base = resolveModel(recipe.model.base, 'model.base', context);
    const resolved = { ...recipe, model: { ...recipe.model, base: base.id } };
    assertTrainableRequest(recipeTrainSpec(request, resolved), base);
    if (!recipe.training.freeze_backbones)
      refuseField('training.freeze_backbones', 'an evaluation trains heads on frozen encoders: it must be true');
    return resolved;
  });
}

/** Contenders are told apart by their names. */
function assertDistinctNames(models: readonly string[], { trainings, baselines }: EvaluateRequest): void {
  const names = new Set<string>(BASELINE_KINDS);
  const add = (name: string, param: string) => {
    if (names.has(name)) refuseField(param, `"${name}" is the name of another contender`);
    names.add(name);
  };
  for (const [i, model] of models.entries()) add(model, `models.${i}`);
  for (const [i, { name }] of trainings.entries()) add(name, `trainings.${i}.name`);
  const repeated = baselines.findIndex((baseline, i) => baselines.indexOf(baseline) !== i);
  if (repeated >= 0) refuseField(`baselines.${repeated}`, `"${baselines[repeated]}" is there twice`);
}

/** Refuses the name of an evaluation that is finished: nobody expects a result to be replaced. */
export function assertOutputAvailable(home: string, output: string): void {
  if (!existsSync(evaluationPaths(home, output).result)) return;
  const message = `there is an evaluation "${output}" already: choose another name`;
  throw new PanelvecError('output_conflict', message, { param: 'output' });
}
