import { z } from 'zod';

/**
 * Ways to make scores of cosines. `softmax` shares one among the labels, so it tells which fits best; `sigmoid` scores each
 * label alone, so it also tells that none fits.
 */
export const ZERO_SHOT_KINDS = ['softmax', 'sigmoid'] as const;

const scoringFields = {
  kind: z.enum(ZERO_SHOT_KINDS).default('softmax'),
  /** Cosines are divided by it. */
  temperature: z.number().positive(),
  /** Added to the divided cosines; it changes nothing in a softmax. */
  bias: z.number().default(0),
};

/** How a model scores labels against pictures. It is not part of the space. */
export const zeroShotSchema = z.strictObject(scoringFields);
export type ZeroShotSpec = z.output<typeof zeroShotSchema>;

/** Of models that do not say: a softmax at the temperature that trainings have by default. */
export const DEFAULT_ZERO_SHOT: ZeroShotSpec = { kind: 'softmax', temperature: 0.07, bias: 0 };
