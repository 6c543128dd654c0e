import { z } from 'zod';
import { datasetSchema } from '../../datasets/dataset-spec.ts';
import { BASELINE_KINDS } from '../../evaluation/baselines/baseline.ts';
import { modelNameSchema } from '../../model/model-spec.ts';
import { trainingSchema } from '../../training/training-spec.ts';
import { outputNameSchema } from '../output-name.ts';
import { maxBadPagesSchema } from '../submission.ts';
import { type TrainSpec, trainedModelSchema } from '../train/train-spec.ts';

/** Contenders of one kind: each is trained and measured in the same process, so their number bounds its time. */
const MAX_CONTENDERS = 16;
const MAX_FOLDS = 100;

const recipeSchema = z.strictObject({
  name: modelNameSchema.max(100).describe('Its name in the report'),
  model: trainedModelSchema.prefault({}).describe('As in a job of the type train'),
  training: trainingSchema.prefault({}).describe('As in a job of the type train; the encoders stay frozen.'),
  val_fraction: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe('Fraction of the training pages of each fold that is held out to choose the best epoch.'),
});
export type RecipeRequest = z.output<typeof recipeSchema>;

/** The spec of a job that measures models, recipes of trainings and baselines on the pages of a dataset. */
export const evaluateSpecSchema = z.strictObject({
  type: z.literal('evaluate'),
  output: outputNameSchema.describe('Name of the evaluation, in the folder evaluations of PANELVEC_HOME'),
  dataset: datasetSchema,
  test_pss_labels: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Page types of the pages that are measured, in the format of pss_labels. All others are trained on.'),
  folds: z
    .int()
    .min(2)
    .max(MAX_FOLDS)
    .nullable()
    .default(null)
    .describe(
      'Folds of whole books: each is measured once, and trained on otherwise. null: six, or as many as there are books, if anything is trained and there are no test_pss_labels.',
    ),
  models: z
    .array(z.string().min(1))
    .max(MAX_CONTENDERS)
    .default([])
    .describe('Models to measure as they are, as `name` or `name@version`.'),
  trainings: z
    .array(recipeSchema)
    .max(MAX_CONTENDERS)
    .default([])
    .describe('Recipes that are trained on each fold, or on all pages that test_pss_labels does not name.'),
  baselines: z
    .array(z.enum(BASELINE_KINDS))
    .default([])
    .describe(
      '`v1`: the fusion of the first version; `reference`: that of the original Stage 3; both trained on the same pages. `raw`: the features of the encoders, standardised and concatenated.',
    ),
  baseline_model: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Model whose encoders the baselines use; null: the first of models, or the base of the first training.'),
  baseline_epochs: z
    .int()
    .min(1)
    .max(10_000)
    .nullable()
    .default(null)
    .describe('Epochs of the baselines; null: as many as the longest training has, and at least 20.'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(42)
    .describe('Of the folds, the intervals, the clustering and the baselines.'),
  max_bad_pages: maxBadPagesSchema,
});

export type EvaluateRequest = z.output<typeof evaluateSpecSchema>;

/** A recipe whose base is resolved to its id. */
export type Recipe = Omit<RecipeRequest, 'model'> & { readonly model: TrainSpec['model'] };

/** A resolved request: models by their ids, absolute paths, and the epochs of the baselines. */
export type EvaluateSpec = Omit<EvaluateRequest, 'trainings' | 'baseline_model' | 'baseline_epochs'> & {
  readonly trainings: readonly Recipe[];
  /** null if there are no baselines */
  readonly baseline_model: string | null;
  readonly baseline_epochs: number;
};
