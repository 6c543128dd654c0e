import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { VERSION } from '../../../version.ts';

const rootSchema = z
  .strictObject({
    name: z.literal('panelvec'),
    version: z.string(),
    links: z.record(z.string(), z.string()).describe('Paths of what one looks for first'),
  })
  .meta({ id: 'Root' });

const LINKS = {
  docs: '/docs',
  openapi: '/openapi.json',
  models: '/v1/models',
  health: '/health/ready',
  metrics: '/metrics',
};

/** GET /: what this service is, for people who open its address. */
export const rootRoute: FastifyPluginAsyncZod = async (app) => {
  app.get('/', {
    schema: { summary: 'Describe the service', tags: ['service'], response: { 200: rootSchema } },
    handler: async (): Promise<z.infer<typeof rootSchema>> => ({ name: 'panelvec', version: VERSION, links: LINKS }),
  });
};
