import { z } from 'zod';
import { MIN_TEMPERATURE } from '../model/zero-shot-spec.ts';

export const OBJECTIVES = ['contrastive', 'reconstruction', 'alignment', 'fused_alignment'] as const;
export type Objective = (typeof OBJECTIVES)[number];

/** Metrics of retrieval among the pages for validation; larger is better. */
export const RETRIEVAL_METRICS = [
  'image_to_panel_recall_at_1',
  'text_to_panel_recall_at_5',
  'text_to_image_recall_at_5',
  'same_page_precision',
] as const;
/** Metrics of searches with descriptions, where panels have some; larger is better. */
export const DESCRIPTION_METRICS = ['description_to_panel_recall_at_5', 'description_to_image_recall_at_5'] as const;
/** Metrics by which the best epoch can be chosen: the smallest `validation_loss`, or the largest of the others. */
export const VALIDATION_METRICS = [
  'validation_loss',
  'mean_retrieval',
  ...RETRIEVAL_METRICS,
  ...DESCRIPTION_METRICS,
] as const;
export type ValidationMetric = (typeof VALIDATION_METRICS)[number];

const fraction = z.number().min(0).max(1);
const rate = z.number().positive().max(1);
/** With a smaller one, the systems of equations of a fit have no solution but for rounding errors. */
const MIN_PENALTY = 1e-6;
const gateWeight = z.number().min(1e-6).max(1e6);

const closedFormSchema = z
  .strictObject({
    picture_components: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe('Numbers of a vector for components of the picture; null: five eighths, or those that are left.'),
    aligned_components: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe('Numbers of a vector in which words and pictures meet; null: those that are left.'),
    page_weight: z
      .number()
      .min(0)
      .default(1)
      .describe('Weight of the differences between panels of a page, beside those between views of a panel.'),
    shrinkage: z
      .number()
      .min(MIN_PENALTY)
      .default(1)
      .describe(
        'Added to the variances of these differences, whose mean is 1: large values leave the pictures as they are.',
      ),
    picture_scale: z
      .number()
      .positive()
      .default(2.5)
      .describe('Length of the components of the picture in a visual vector, in lengths of its aligned numbers.'),
    ridge: z
      .number()
      .min(MIN_PENALTY)
      .default(10)
      .describe('Penalty of the regression from pictures to texts, in variances of a standardised feature.'),
    text_whitening: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.125)
      .describe('How far the texts are whitened: each of their directions is divided by its variance to this power.'),
    text_floor: z
      .number()
      .min(0)
      .max(1)
      .default(1e-3)
      .describe('Smaller variances of directions of the texts count as this fraction of the largest.'),
    layout_passes: z
      .int()
      .min(0)
      .max(16)
      .default(2)
      .describe(
        'How often the directions that tell the aspect ratio and the area of a panel are taken out of its picture; 0: never.',
      ),
    layout_ridge: z
      .number()
      .min(MIN_PENALTY)
      .default(3)
      .describe('Penalty of the regressions that find these directions. A larger one takes out more of the picture.'),
    gate: z
      .strictObject({
        vision: gateWeight.default(0.62),
        text: gateWeight.default(0.36),
        composition: gateWeight.default(0.02),
      })
      .prefault({})
      .describe('Shares of the modalities in the fused vector; those of the present ones are scaled to the sum 1.'),
  })
  .describe('How the initial_head closed_form is fitted.');

/** How a head, or a whole model, is trained. Keys are those of the API's JSON; most defaults are those of the original. */
export const trainingSchema = z.strictObject({
  epochs: z
    .int()
    .min(0)
    .max(10_000)
    .default(20)
    .describe('0 only with the initial_head closed_form: the head is then fitted, and takes no step.'),
  batch_size: z.int().min(1).max(1024).default(8).describe('Pages per step.'),
  micro_batch_size: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Pages that are computed at a time, whose gradients are added up; null: the whole batch. Each micro-batch has its own negatives.',
    ),
  learning_rate: rate.default(1e-4).describe('Learning rate of the head at its peak.'),
  backbone_learning_rate: rate
    .nullable()
    .default(null)
    .describe('Learning rate of the encoders at its peak, where they are trained; null: a tenth of learning_rate.'),
  min_learning_rate: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe('Learning rate of the head at the end of the cosine decay; null: a hundredth of learning_rate.'),
  warmup_epochs: z.number().min(0).default(1).describe('Epochs of linear warm-up to the peak of the learning rate.'),
  weight_decay: z.number().min(0).max(1).default(0.01),
  max_grad_norm: z
    .number()
    .positive()
    .nullable()
    .default(1)
    .describe('Norm that longer gradients are clipped to; null: no clipping.'),
  dropout: z.number().min(0).max(0.9).default(0.1),
  freeze_backbones: z
    .boolean()
    .default(true)
    .describe('Whether only the head is trained. The features of the encoders are then computed once per panel.'),
  initial_head: z
    .enum(['seeded', 'base', 'closed_form'])
    .default('seeded')
    .describe(
      'Initial head: `seeded` preserves the geometry of the encoders; `base` is the head of the base model; `closed_form` is fitted to the pages to train on.',
    ),
  closed_form: closedFormSchema.prefault({}),
  temperature: z
    .number()
    .min(MIN_TEMPERATURE)
    .max(10)
    .default(0.07)
    .describe('Temperature of the cosines in the contrastive and alignment objectives.'),
  weights: z
    .strictObject({
      contrastive: z
        .number()
        .min(0)
        .default(1)
        .describe('Pulls panels of one page together, and panels of different pages apart.'),
      reconstruction: z
        .number()
        .min(0)
        .default(0.5)
        .describe('Predicts a hidden panel from the other panels of its page.'),
      alignment: z
        .number()
        .min(0)
        .default(0.3)
        .describe('Pulls the image vector and the text vector of a panel together, before fusion.'),
      fused_alignment: z
        .number()
        .min(0)
        .default(1)
        .describe(
          'Pulls the fused vectors of the image alone and of the text alone to that of the whole panel. Only with fusion_mode present.',
        ),
    })
    .prefault({})
    .describe('Weights of the objectives in the loss; 0 disables an objective.'),
  symmetric_alignment: z
    .boolean()
    .default(true)
    .describe('Whether texts are also aligned to images; the original aligns images to texts only.'),
  detach_target: z
    .boolean()
    .default(true)
    .describe('Whether the reconstruction objective has no gradient to the hidden panel; in the original it has one.'),
  modality_dropout: fraction
    .default(0.3)
    .describe('Fraction of the panels with image and text that are shown by one of the two alone.'),
  views: z
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe(
      'Random parts of each panel, in changed colours, some of them small and compressed, that are shown in place of its picture in turn; 16 are usual. Only with freeze_backbones.',
    ),
  texts: z
    .enum(['joined', 'drawn'])
    .default('joined')
    .describe(
      'Text of a panel that has description and lettering: `joined` is both as one text; `drawn` is the description, the lettering or both, drawn for each step. Only with freeze_backbones.',
    ),
  weight_averaging: z
    .number()
    .min(0)
    .max(0.99999)
    .nullable()
    .default(null)
    .describe(
      'Decay of an exponential moving average of the weights, which is validated and becomes the model, such as 0.99; null: no averaging.',
    ),
  hard_negatives: z
    .int()
    .min(1)
    .default(1)
    .describe('Pages of one book that stay together in a batch; 1: books are mixed.'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(42),
  save_every: z.int().min(1).default(1).describe('Epochs between checkpoints.'),
  save_every_steps: z.int().min(1).default(1000).describe('Steps between checkpoints within an epoch.'),
  log_interval: z.int().min(1).default(10).describe('Steps between two records of the history.'),
  best_by: z
    .enum(VALIDATION_METRICS)
    .default('validation_loss')
    .describe(
      'Metric of the validation that chooses the best epoch; the head before the first step counts as epoch 0.',
    ),
  early_stopping_epochs: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('Epochs without a new best one after which the training stops; null: never.'),
  max_skipped_steps: z
    .int()
    .min(1)
    .default(100)
    .describe('Steps with a number that is not finite, which are skipped, before the training fails.'),
});

export type TrainingOptions = z.output<typeof trainingSchema>;
export type ClosedFormOptions = TrainingOptions['closed_form'];
export type ObjectiveOptions = Pick<
  TrainingOptions,
  'temperature' | 'weights' | 'symmetric_alignment' | 'detach_target'
>;
