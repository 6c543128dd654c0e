import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { VERSION } from '../../../version.ts';
import { withOpenInferenceErrors } from '../../openapi-schemas.ts';
import { type ReadinessSources, readReadiness } from '../../readiness.ts';

const serverSchema = z
  .strictObject({ name: z.string(), version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: 'OpenInferenceServer' });
const liveSchema = z.strictObject({ live: z.boolean() }).meta({ id: 'OpenInferenceLive' });
const readySchema = z.strictObject({ ready: z.boolean() }).meta({ id: 'OpenInferenceReady' });

/** GET /v2 and /v2/health: the server of the Open Inference Protocol (KServe v2) and its health. */
export const openInferenceServerRoute: FastifyPluginAsyncZod<ReadinessSources> = async (app, services) => {
  app.get('/v2', {
    config: { access: 'any' },
    schema: {
      summary: 'Describe the server',
      tags: ['open inference'],
      response: withOpenInferenceErrors({ 200: serverSchema }),
    },
    handler: async (): Promise<z.infer<typeof serverSchema>> => ({
      name: 'panelvec',
      version: VERSION,
      extensions: ['binary_tensor_data'],
    }),
  });

  app.get('/v2/health/live', {
    config: { access: 'public' },
    schema: { summary: 'Whether the process responds', tags: ['open inference'], response: { 200: liveSchema } },
    handler: async () => ({ live: true }),
  });

  app.get('/v2/health/ready', {
    config: { access: 'public' },
    schema: {
      summary: 'Whether the service is ready for requests',
      tags: ['open inference'],
      response: { 200: readySchema, 503: readySchema },
    },
    handler: async (_, reply) => {
      const ready = readReadiness(services).status === 'ready';
      reply.status(ready ? 200 : 503);
      return { ready };
    },
  });
};
