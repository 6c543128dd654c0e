import { z } from 'zod';
import { backboneNameSchema, fileNameSchema, positiveInteger, transformerFields } from './spec-fields.ts';

/**
 * Ways to make scores of cosines. `softmax` shares one among the labels, so it tells which fits best; `sigmoid` scores each
 * label alone, so it also tells that none fits.
 */
export const ZERO_SHOT_KINDS = ['softmax', 'sigmoid'] as const;

/** A text encoder that was trained beside a visual backbone, for labels alone. The text encoder of the model reads lettering. */
const zeroShotTextSchema = z.strictObject({
  /** The visual backbone whose pooled features are compared with those of labels */
  backbone: backboneNameSchema,
  encoder: z.strictObject({
    kind: z.literal('siglip_text'),
    ...transformerFields,
    /** The token that fills texts up to max_tokens: the encoder reads it as any other */
    pad_token: z.number().int().min(0),
  }),
  /** Width of its features, which is that of the backbone's */
  features: positiveInteger,
  /** A tokenizer.json of Hugging Face */
  tokenizer: fileNameSchema,
  /** The number of tokens of every text, with special ones and padding */
  max_tokens: positiveInteger,
});
export type ZeroShotTextSpec = z.output<typeof zeroShotTextSchema>;

/** A cosine divided by a smaller one can be infinite, and the scores then no numbers. */
export const MIN_TEMPERATURE = 1e-6;
/** A larger one would swallow the digits of the cosines. */
const MAX_BIAS = 1e6;

/** How a model scores labels against pictures. It is not part of the space. */
export const zeroShotSchema = z.strictObject({
  kind: z.enum(ZERO_SHOT_KINDS).default('softmax'),
  /** Cosines are divided by it. */
  temperature: z.number().min(MIN_TEMPERATURE),
  /** Added to the divided cosines; it changes nothing in a softmax. */
  bias: z.number().min(-MAX_BIAS).max(MAX_BIAS).default(0),
  /** Without it, labels are compared by fused vectors. */
  text: zeroShotTextSchema.optional(),
});
export type ZeroShotSpec = z.output<typeof zeroShotSchema>;
/** What makes scores of cosines */
export type Scoring = Pick<ZeroShotSpec, 'kind' | 'temperature' | 'bias'>;

/** Of models that do not say: a softmax at the temperature that trainings have by default. */
export const DEFAULT_ZERO_SHOT: ZeroShotSpec = { kind: 'softmax', temperature: 0.07, bias: 0 };
