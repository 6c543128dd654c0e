import { z } from 'zod';
import { FUSION_MODES } from '../../../model/head-spec.ts';
import { MODEL_STATES } from '../../../model-registry/registered-model.ts';
import { PROVIDERS } from '../../../onnxruntime/provider.ts';
import { scoringSchema } from '../zero-shot/zero-shot-schemas.ts';

const measureSchema = z.union([
  z.strictObject({
    value: z.number(),
    low: z.number(),
    high: z.number(),
    better: z.enum(['higher', 'lower']).describe('Which of two values is the better one'),
  }),
  z.strictObject({ left_out: z.string().describe('Why it was not measured') }),
]);

const measuresSchema = z.strictObject({
  evaluation: z.string().describe('Id of the evaluate job'),
  fingerprint: z
    .string()
    .nullable()
    .describe('Measures of evaluations with an equal one compare; null for those of earlier versions'),
  measures: z.record(z.string(), measureSchema),
});

/** What the registry knows of a model beside its model.json. */
const registeredFields = {
  state: z
    .enum(MODEL_STATES)
    .describe(
      '`active`: the model or the canary of an alias; `available`: can be activated; `broken`: `problem` says why not; `retired`: removed',
    ),
  served: z.boolean().describe('Whether requests can use it now'),
  loaded: z.boolean().describe('Whether its engines are in memory; a served model comes back when it is asked for'),
  problem: z.string().nullable().describe('Why this service cannot load it; null where nothing is known against it'),
  weights_sha256: z.string().nullable().describe('Hash of the hashes of all files that it needs to run'),
  parent: z
    .strictObject({ id: z.string(), space: z.string() })
    .nullable()
    .describe('The model that its training started from'),
  training_job: z.string().nullable().describe('Id of the train job that made it'),
  data_fingerprint: z
    .string()
    .nullable()
    .describe('Hash of the pages that it was trained on, with the sizes and times of their files'),
  measures: z.array(measuresSchema).describe('What evaluate jobs measured of it: the newest first, 20 at most'),
};

export const modelSchema = z
  .strictObject({
    id: z.string(),
    object: z.literal('model'),
    created: z.number().int().describe('Unix time in seconds of its model.json'),
    owned_by: z.literal('panelvec').describe('For clients of OpenAI'),
    aliases: z.array(z.string()).describe('Further names that requests may use'),
    name: z.string(),
    version: z.number().int(),
    description: z.string(),
    licence: z.string(),
    default: z.boolean(),
    space: z.string(),
    dimensions: z.number().int(),
    fusion_mode: z.enum(FUSION_MODES),
    visual_backbones: z.array(z.string()),
    image_size: z.number().int(),
    grid_views: z.number().int().describe('Views of a picture whose features are averaged: a picture costs as many'),
    max_tokens: z.number().int(),
    bytes: z.number().int().describe('Size of its files'),
    zero_shot: scoringSchema.describe('How /v1/zero-shot scores labels'),
    engines: z
      .array(
        z.strictObject({
          device: z.number().int(),
          index: z.number().int().describe('Number of the engine on its device'),
          provider: z
            .enum(PROVIDERS)
            .nullable()
            .describe('The execution provider in use; null while the engine starts'),
          fallback: z.string().nullable().describe('Why no GPU provider is in use, if one was tried'),
        }),
      )
      .describe('Empty while the model is not loaded'),
    ...registeredFields,
  })
  .meta({ id: 'Model' });
export type ModelResponse = z.infer<typeof modelSchema>;

export const modelListSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(modelSchema).describe('The served ones first'),
    unreadable: z
      .array(z.strictObject({ folder: z.string(), problem: z.string() }))
      .describe('Folders of models that hold none that could be entered'),
  })
  .meta({ id: 'ModelList' });
export type ModelListResponse = z.infer<typeof modelListSchema>;

export const removedModelSchema = z
  .strictObject({ id: z.string(), object: z.literal('model'), deleted: z.literal(true) })
  .meta({ id: 'RemovedModel' });
