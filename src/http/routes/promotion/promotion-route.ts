import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { modelNameSchema } from '../../../model/model-spec.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { recordAudit } from '../../record-audit.ts';
import { emptyQuerySchema } from '../../validation.ts';
import {
  type AliasResponse,
  activationSchema,
  aliasListSchema,
  aliasSchema,
  removedAliasSchema,
  rollbackSchema,
  toActivationOptions,
  toAliasResponse,
} from './alias-schemas.ts';

const tags = ['models'];

/** Puts models into service and takes them back: what an alias means. */
export const promotionRoute: FastifyPluginAsyncZod<Pick<Services, 'promotions' | 'audit'>> = async (
  app,
  { promotions, audit },
) => {
  app.post('/v1/models/:id/activate', {
    config: { access: 'admin' },
    schema: {
      summary: 'Put a model into service under an alias',
      description:
        'Loads the model beside those that run and checks its files, the evaluation, the spaces of collections, its memory and its golden vectors; then requests for the alias use it. If anything is refused, nothing has changed.',
      tags,
      params: z.strictObject({ id: z.string() }),
      querystring: emptyQuerySchema,
      body: activationSchema.nullish(),
      response: withErrors({ 200: aliasSchema }),
    },
    handler: async (request): Promise<AliasResponse> => {
      const { id } = request.params;
      const body = request.body ?? activationSchema.parse({});
      const alias = await promotions.activate(id, toActivationOptions(body));
      recordAudit(audit, request, { action: 'model.activate', subject: id, detail: { ...body } });
      return toAliasResponse(alias);
    },
  });

  app.post('/v1/models/rollback', {
    config: { access: 'admin' },
    schema: {
      summary: 'End the canary of an alias, or bring back the model before',
      tags,
      querystring: emptyQuerySchema,
      body: rollbackSchema.nullish(),
      response: withErrors({ 200: aliasSchema }),
    },
    handler: async (request): Promise<AliasResponse> => {
      const alias = await promotions.rollback((request.body ?? rollbackSchema.parse({})).alias);
      recordAudit(audit, request, { action: 'model.rollback', subject: alias.model, detail: { alias: alias.alias } });
      return toAliasResponse(alias);
    },
  });

  app.get('/v1/aliases', {
    config: { access: 'any' },
    schema: { summary: 'List what aliases mean', tags, response: withErrors({ 200: aliasListSchema }) },
    handler: async (): Promise<z.infer<typeof aliasListSchema>> => ({
      object: 'list',
      data: promotions.aliases().map(toAliasResponse),
    }),
  });

  app.delete('/v1/aliases/:alias', {
    config: { access: 'admin' },
    schema: {
      summary: 'Remove an alias',
      description: '`default` then means the first of PANELVEC_MODELS again.',
      tags,
      params: z.strictObject({ alias: modelNameSchema }),
      querystring: z.strictObject({
        force: z.enum(['true', 'false']).default('false').describe('Remove it although collections lose their model'),
      }),
      response: withErrors({ 200: removedAliasSchema }),
    },
    handler: async (request): Promise<z.infer<typeof removedAliasSchema>> => {
      const { alias } = request.params;
      await promotions.removeAlias(alias, request.query.force === 'true');
      recordAudit(audit, request, { action: 'alias.remove', subject: alias });
      return { object: 'alias', alias, deleted: true };
    },
  });
};
