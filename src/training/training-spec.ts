import { z } from 'zod';

export const OBJECTIVES = ['contrastive', 'reconstruction', 'alignment', 'fused_alignment'] as const;
export type Objective = (typeof OBJECTIVES)[number];

/** What the best epoch is the best in; `validation_loss` is smallest, the others are largest. */
export const RETRIEVAL_METRICS = [
  'image_to_panel_recall_at_1',
  'text_to_panel_recall_at_5',
  'text_to_image_recall_at_5',
  'same_page_precision',
] as const;
export const VALIDATION_METRICS = ['validation_loss', 'mean_retrieval', ...RETRIEVAL_METRICS] as const;
export type ValidationMetric = (typeof VALIDATION_METRICS)[number];

const fraction = z.number().min(0).max(1);
const rate = z.number().positive().max(1);

/** How a head, or all of a model, is trained. Keys are those of the API's JSON; the usual values are the original's. */
export const trainingSchema = z.strictObject({
  epochs: z.int().min(1).max(10_000).default(20),
  batch_size: z.int().min(1).max(1024).default(8).describe('Pages of a step; a batch holds whole pages.'),
  micro_batch_size: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Pages that are computed at a time, their gradients added up; null: the whole batch. Each part has its own negatives.',
    ),
  learning_rate: rate.default(1e-4).describe('At its peak.'),
  backbone_learning_rate: rate
    .nullable()
    .default(null)
    .describe('Of the encoders, where they are trained; null: a tenth of learning_rate.'),
  min_learning_rate: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe('At the end of the cosine; null: a hundredth of learning_rate.'),
  warmup_epochs: z.number().min(0).default(1).describe('Epochs in which the learning rate rises to its peak.'),
  weight_decay: z.number().min(0).max(1).default(0.01),
  max_grad_norm: z
    .number()
    .positive()
    .nullable()
    .default(1)
    .describe('Longer gradients are shortened to this; null: never.'),
  dropout: z.number().min(0).max(0.9).default(0.1),
  freeze_backbones: z
    .boolean()
    .default(true)
    .describe('Whether the encoders stay as they are: their features are then computed once.'),
  initial_head: z
    .enum(['seeded', 'base'])
    .default('seeded')
    .describe('Begin with a head that keeps the geometry of the encoders, or with that of the base model.'),
  temperature: z
    .number()
    .positive()
    .max(10)
    .default(0.07)
    .describe('Of the cosines in the contrastive and alignment objectives.'),
  weights: z
    .strictObject({
      contrastive: z.number().min(0).default(1).describe('Panels of a page near each other, those of other pages far.'),
      reconstruction: z.number().min(0).default(0.5).describe("A hidden panel guessed from its page's others."),
      alignment: z
        .number()
        .min(0)
        .default(0.3)
        .describe('Picture and words of a panel near each other, before fusion.'),
      fused_alignment: z
        .number()
        .min(0)
        .default(1)
        .describe('Picture alone and words alone, fused, near the whole panel. Only where fusion_mode is present.'),
    })
    .prefault({})
    .describe('Weights of the objectives in the loss; 0 leaves one out.'),
  symmetric_alignment: z
    .boolean()
    .default(true)
    .describe('From words to pictures, too; the original aligns pictures to words alone.'),
  detach_target: z
    .boolean()
    .default(true)
    .describe('Whether a hidden panel stays put while it is guessed; in the original it moves, too.'),
  modality_dropout: fraction
    .default(0.3)
    .describe('Share of panels with picture and words that are shown by one of the two alone.'),
  hard_negatives: z
    .int()
    .min(1)
    .default(1)
    .describe('Pages of the same book that come together in a batch; 1: books are mixed.'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(42),
  save_every: z.int().min(1).default(1).describe('Epochs between checkpoints.'),
  save_every_steps: z.int().min(1).default(1000).describe('Steps between checkpoints within an epoch.'),
  log_interval: z.int().min(1).default(10).describe('Steps between two lines of the history.'),
  best_by: z
    .enum(VALIDATION_METRICS)
    .default('validation_loss')
    .describe('Which measure of the validation says what epoch is the best.'),
  early_stopping_epochs: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('Stop after so many epochs that are no better than the best; null: never.'),
  max_skipped_steps: z
    .int()
    .min(1)
    .default(100)
    .describe('Steps without finite numbers that are passed over before the training fails.'),
});

export type TrainingOptions = z.output<typeof trainingSchema>;
export type ObjectiveOptions = Pick<
  TrainingOptions,
  'temperature' | 'weights' | 'symmetric_alignment' | 'detach_target'
>;
