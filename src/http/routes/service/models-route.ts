import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { removeModel } from '../../../jobs/remove-model.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { recordAudit } from '../../record-audit.ts';
import { findKnownModel, listKnownModels, toModelResponse } from './model-response.ts';
import {
  type ModelListResponse,
  type ModelResponse,
  modelListSchema,
  modelSchema,
  removedModelSchema,
} from './model-schemas.ts';

const tags = ['models'];
const paramsSchema = z.strictObject({ id: z.string() });

/** /v1/models: the models of this service, served or not, with what is known of each. */
export const modelsRoute: FastifyPluginAsyncZod<Services> = async (app, services) => {
  const { registry, audit } = services;

  app.get('/v1/models', {
    config: { access: 'any' },
    schema: { summary: 'List models', tags, response: withErrors({ 200: modelListSchema }) },
    handler: async (): Promise<ModelListResponse> => {
      await registry.refresh();
      return {
        object: 'list',
        data: listKnownModels(services).map((model) => toModelResponse(model, services)),
        unreadable: [...registry.unreadable],
      };
    },
  });

  app.get('/v1/models/:id', {
    config: { access: 'any' },
    schema: { summary: 'Show a model', tags, params: paramsSchema, response: withErrors({ 200: modelSchema }) },
    handler: async ({ params }): Promise<ModelResponse> => {
      await registry.refresh();
      return toModelResponse(findKnownModel(params.id, services), services);
    },
  });

  app.delete('/v1/models/:id', {
    config: { access: 'admin' },
    schema: {
      summary: 'Remove a model',
      description:
        'Removes its folder, and keeps its record as `retired`. Refused for a model that an alias, PANELVEC_MODELS or a job uses, or in whose space there are stores or collections.',
      tags,
      params: paramsSchema,
      response: withErrors({ 200: removedModelSchema }),
    },
    handler: async (request): Promise<z.infer<typeof removedModelSchema>> => {
      const { id } = await removeModel(request.params.id, services);
      recordAudit(audit, request, { action: 'model.remove', subject: id });
      return { id, object: 'model', deleted: true };
    },
  });
};
