import type { BaselineKind } from '../../evaluation/baselines/baseline.ts';
import type { ContenderKind } from '../../evaluation/evaluation-result.ts';
import type { Model } from '../../model/model.ts';
import type { Resources } from '../job-kind.ts';
import { trainedModelParts } from '../train/trained-model-parts.ts';
import { type EncoderSet, encoderSet } from './encoder-sets.ts';
import type { EvaluateSpec, Recipe } from './evaluate-spec.ts';
import { baselineRows, recipeRows, type TrainingRows } from './training-rows.ts';

interface ContenderBase {
  /** The name of its files */
  readonly key: string;
  readonly name: string;
  readonly kind: ContenderKind;
  readonly description: string;
  readonly encoders: EncoderSet;
}

/** A model as it is. */
export interface ModelContender extends ContenderBase {
  readonly kind: 'model';
  readonly model: Model;
}

/** A recipe that is trained on each fold. */
export interface RecipeContender extends ContenderBase {
  readonly kind: 'training';
  /** Its index in the spec */
  readonly recipe: number;
  readonly rows: TrainingRows;
}

export interface BaselineContender extends ContenderBase {
  readonly kind: BaselineKind;
  readonly rows: TrainingRows;
}

export type Contender = ModelContender | RecipeContender | BaselineContender;

const BASELINE_DESCRIPTIONS: Readonly<Record<BaselineKind, string>> = {
  v1: 'the first version: a linear layer for each modality, and a gate that is given zeros for what is absent',
  reference: 'the fusion of the original Stage 3, which lets absent modalities in',
  raw: 'features of the encoders, standardised and concatenated, without training of a head',
};

/** All contenders of an evaluation, in the order of the report. */
export async function listContenders(spec: EvaluateSpec, { loadModel }: Resources): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const [i, id] of spec.models.entries()) {
    const { model } = await loadModel(id);
    const encoders = encoderSet(model, model.spec.text.max_tokens);
    const { description } = model.spec;
    contenders.push({ key: `model-${i}`, name: id, kind: 'model', description, encoders, model });
  }
  for (const [i, recipe] of spec.trainings.entries()) {
    const { model: base } = await loadModel(recipe.model.base);
    const rows = recipeRows(spec, i);
    contenders.push({
      key: `training-${i}`,
      name: recipe.name,
      kind: 'training',
      description: `a head on the encoders of ${base.id}, ${describeTraining(recipe.training)}`,
      encoders: encoderSet(base, trainedModelParts(rows.spec, base).text.max_tokens),
      recipe: i,
      rows,
    });
  }
  if (spec.baseline_model === null) return contenders;
  const { model: base } = await loadModel(spec.baseline_model);
  const encoders = encoderSet(base, base.spec.text.max_tokens);
  for (const kind of spec.baselines) {
    const training = kind === 'raw' ? '' : `, trained for ${spec.baseline_epochs} epochs`;
    const description = `${BASELINE_DESCRIPTIONS[kind]}; on the encoders of ${base.id}${training}`;
    contenders.push({ key: kind, name: kind, kind, description, encoders, rows: baselineRows(spec, kind) });
  }
  return contenders;
}

function describeTraining({ initial_head: initialHead, epochs }: Recipe['training']): string {
  const steps = `trained for ${epochs} epochs`;
  if (initialHead !== 'closed_form') return steps;
  return epochs === 0 ? 'fitted in closed form' : `fitted in closed form, then ${steps}`;
}
