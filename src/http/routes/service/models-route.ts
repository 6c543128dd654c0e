import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { FUSION_MODES } from '../../../model/head-spec.ts';
import type { Model } from '../../../model/model.ts';
import { DEFAULT_ZERO_SHOT } from '../../../model/zero-shot-spec.ts';
import { PROVIDERS } from '../../../onnxruntime/provider.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { scoringSchema, toScoring } from '../zero-shot/zero-shot-schemas.ts';

const modelSchema = z
  .strictObject({
    id: z.string(),
    object: z.literal('model'),
    created: z.number().int().describe('Unix time in seconds of its model.json'),
    owned_by: z.literal('panelvec').describe('For clients of OpenAI'),
    aliases: z.array(z.string()).describe('Further names that requests may use (PANELVEC_MODEL_ALIASES)'),
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
    engines: z.array(
      z.strictObject({
        device: z.number().int(),
        provider: z.enum(PROVIDERS).nullable().describe('The execution provider in use; null while the engine starts'),
        fallback: z.string().nullable().describe('Why no GPU provider is in use, if one was tried'),
      }),
    ),
  })
  .meta({ id: 'Model' });
const modelListSchema = z
  .strictObject({ object: z.literal('list'), data: z.array(modelSchema) })
  .meta({ id: 'ModelList' });
export type ModelListResponse = z.infer<typeof modelListSchema>;
const paramsSchema = z.strictObject({ id: z.string() });

/** GET /v1/models: the models that are served, with the space of their vectors and the providers that run them. */
export const modelsRoute: FastifyPluginAsyncZod<Pick<Services, 'models' | 'pool'>> = async (app, services) => {
  const { models } = services;

  app.get('/v1/models', {
    config: { access: 'any' },
    schema: { summary: 'List models', tags: ['models'], response: withErrors({ 200: modelListSchema }) },
    handler: async (): Promise<ModelListResponse> => ({
      object: 'list',
      data: models.all.map((model) => toModelResponse(model, services)),
    }),
  });

  app.get('/v1/models/:id', {
    config: { access: 'any' },
    schema: {
      summary: 'Show a model',
      tags: ['models'],
      params: paramsSchema,
      response: withErrors({ 200: modelSchema }),
    },
    handler: async ({ params }) => toModelResponse(models.find(params.id).model, services),
  });
};

function toModelResponse(
  model: Model,
  { models, pool }: Pick<Services, 'models' | 'pool'>,
): z.infer<typeof modelSchema> {
  const { name, version, description, licence, dimensions, head, vision, text, files } = model.spec;
  return {
    id: model.id,
    object: 'model',
    created: model.created,
    owned_by: 'panelvec',
    aliases: models.aliasesOf(model),
    name,
    version,
    description,
    licence,
    default: model.id === models.defaultModel?.id,
    space: model.space,
    dimensions,
    fusion_mode: head.fusion_mode,
    visual_backbones: vision.backbones.map((backbone) => backbone.name),
    image_size: vision.image_size,
    grid_views: vision.grid_views,
    max_tokens: text.max_tokens,
    bytes: Object.values(files).reduce((sum, file) => sum + file.bytes, 0),
    zero_shot: toScoring(model.spec.zero_shot ?? DEFAULT_ZERO_SHOT),
    engines: pool.engines
      .filter((engine) => engine.model === model.id)
      .map(({ device, info }) => ({
        device,
        provider: info?.provider ?? null,
        fallback: info?.fallback ?? null,
      })),
  };
}
