import { z } from 'zod';
import { datasetSchema } from '../../datasets/dataset-spec.ts';
import { FUSION_MODES, TEXT_TRANSFORMS, VISION_TRANSFORMS, VISUAL_FUSIONS } from '../../model/head-spec.ts';
import { modelNameSchema } from '../../model/model-spec.ts';
import { trainingSchema } from '../../training/training-spec.ts';
import { maxBadPagesSchema } from '../submission.ts';

/** The default of val_fraction. */
export const DEFAULT_VALIDATION_FRACTION = 0.1;

const trainDatasetSchema = datasetSchema.extend({
  val_pss_labels: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Page types of the pages that are held out for validation, in the format of pss_labels. None of them is trained on.',
    ),
  val_fraction: z
    .number()
    .min(0)
    .max(0.9)
    .nullable()
    .default(null)
    .describe(
      'Fraction of the pages that is held out, as whole books where there are several; null: 0.1, or 0 beside val_pss_labels.',
    ),
});

/** The transform that does nothing. model.json has no field then. */
export const NO_TRANSFORM = 'none';

/** Properties of the trained model; null takes that of the base. */
export const trainedModelSchema = z.strictObject({
  base: z
    .string()
    .nullable()
    .default(null)
    .describe('Model whose encoders are used, as `name` or `name@version`; null: that of the alias `default`.'),
  visual_backbone: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Name of one of the visual backbones of the base, or `both`.'),
  visual_fusion: z
    .enum(VISUAL_FUSIONS)
    .nullable()
    .default(null)
    .describe('How the features of two backbones are combined.'),
  feature_dim: z.int().min(8).max(1024).nullable().default(null).describe('Dimensions of all vectors.'),
  use_modality_indicators: z
    .boolean()
    .nullable()
    .default(null)
    .describe('Whether the gate sees which modalities are present.'),
  fusion_mode: z
    .enum(FUSION_MODES)
    .nullable()
    .default(null)
    .describe('`present` leaves absent modalities out; `reference` is the behaviour of the original.'),
  vision_transform: z
    .enum([NO_TRANSFORM, ...VISION_TRANSFORMS])
    .nullable()
    .default(null)
    .describe('What is done to the features of the visual backbones first: `signed_sqrt` is sign(x) sqrt(|x|).'),
  text_transform: z
    .enum([NO_TRANSFORM, ...TEXT_TRANSFORMS])
    .nullable()
    .default(null)
    .describe('What is done to the features of the text encoder first: `unit_length` divides them by their norm.'),
  max_text_length: z.int().min(2).nullable().default(null).describe('Number of tokens that texts are truncated to.'),
  image_size: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Side of the images in pixels; must be that of the base.'),
});

/** The spec of a job that trains a head, or a whole model, on the pages of a dataset. */
export const trainSpecSchema = z.strictObject({
  type: z.literal('train'),
  output: modelNameSchema.max(100).describe('Name of the trained model'),
  description: z
    .string()
    .max(1000)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must be text without NUL and lone surrogates')
    .default('')
    .describe('For the model card'),
  model: trainedModelSchema.prefault({}),
  dataset: trainDatasetSchema,
  training: trainingSchema.prefault({}),
  max_bad_pages: maxBadPagesSchema,
});

export type TrainRequest = z.output<typeof trainSpecSchema>;
/** A resolved request: the base by its id, absolute paths, and a number for val_fraction. */
export type TrainSpec = TrainRequest & {
  readonly model: TrainRequest['model'] & { readonly base: string };
  readonly dataset: TrainRequest['dataset'] & { readonly val_fraction: number };
};
