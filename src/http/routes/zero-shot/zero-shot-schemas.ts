import { z } from 'zod';
import { hasOnePlace, LABEL_PLACE, type PictureScores, type ZeroShotResult } from '../../../embedding/zero-shot.ts';
import type { Model } from '../../../model/model.ts';
import { ZERO_SHOT_KINDS, type ZeroShotSpec } from '../../../model/zero-shot-spec.ts';
import { filePartSchema } from '../../openapi-schemas.ts';
import { optionFields } from '../embeddings/embedding-options.ts';
import { toUsage, usageSchema } from '../embeddings/embedding-response.ts';
import { panelFields } from '../embeddings/vector-response.ts';

const { model, truncate, expected_space } = optionFields;

export const zeroShotBodySchema = z.strictObject({
  labels: z.array(z.string()).min(1).describe('Words or sentences, each once'),
  template: z
    .string()
    .refine(hasOnePlace, `expected a text with one ${LABEL_PLACE}, where the label goes`)
    .optional()
    .describe(`A sentence around each label: \`a picture of ${LABEL_PLACE}\``),
  images: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Data URIs or URLs; in a form names of file parts, by default all parts named `image`'),
  model,
  truncate,
  expected_space,
});

export const zeroShotFormSchema = z.object({
  request: z.string().describe('The JSON of the request'),
  image: filePartSchema('One picture or more'),
});

const pictureSchema = z
  .strictObject({
    object: z.literal('zero_shot'),
    index: z.number().int(),
    label: z.string().describe('The label with the highest score'),
    scores: z.array(z.number()).describe('One for each label, in their order'),
    cosines: z.array(z.number()).describe('Cosines of the vectors of the picture and of each label'),
  })
  .meta({ id: 'ZeroShot' });

export const scoringSchema = z
  .strictObject({
    kind: z
      .enum(ZERO_SHOT_KINDS)
      .describe('softmax: the scores of a picture add up to 1; sigmoid: each label is scored alone'),
    temperature: z.number().describe('Cosines are divided by it'),
    bias: z.number().describe('Added to the divided cosines'),
    vectors: z
      .string()
      .describe(
        'What is compared: `fused` vectors, or the features of this visual backbone and of a text encoder trained with it',
      ),
  })
  .meta({ id: 'ZeroShotScoring' });

export const zeroShotResponseSchema = z
  .strictObject({
    object: z.literal('list'),
    model: z.string(),
    space: z.string(),
    scoring: scoringSchema,
    labels: z.array(
      z.strictObject({
        label: z.string(),
        text: z.string().describe('The label in its template'),
        truncated: panelFields.truncated,
        unknown_tokens: panelFields.unknown_tokens,
      }),
    ),
    data: z.array(pictureSchema),
    usage: usageSchema,
  })
  .meta({ id: 'ZeroShotList' });

/** How a model makes scores. */
export function toScoring({ kind, temperature, bias, text }: ZeroShotSpec): z.infer<typeof scoringSchema> {
  return { kind, temperature, bias, vectors: text?.backbone ?? 'fused' };
}

/** The fields of a response beside its items. */
export function toListFields(
  { id, space }: Model,
  { scoring, labels }: ZeroShotResult,
): Omit<z.infer<typeof zeroShotResponseSchema>, 'data'> {
  return {
    object: 'list',
    model: id,
    space,
    scoring: toScoring(scoring),
    labels: labels.map(({ label, text, panel: { reading } }) => ({
      label,
      text,
      truncated: reading?.truncated ?? false,
      unknown_tokens: reading?.unknownTokens ?? 0,
    })),
    usage: toUsage(labels.map(({ panel }) => panel)),
  };
}

export function toPictureItem({ best, scores, cosines }: PictureScores, index: number): z.infer<typeof pictureSchema> {
  return { object: 'zero_shot', index, label: best, scores: [...scores], cosines: [...cosines] };
}
