import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Services } from '../../../services.ts';

const liveSchema = z.strictObject({ status: z.literal('live') }).meta({ id: 'Live' });
const readySchema = z
  .strictObject({
    status: z.enum(['ready', 'starting']),
    engines: z.array(z.strictObject({ device: z.number().int(), warm: z.boolean() })),
  })
  .meta({ id: 'Ready' });

/** GET /health/live: the process responds. GET /health/ready, or /health: every engine is warm, and the service is not stopping. */
export const healthRoute: FastifyPluginAsyncZod<Pick<Services, 'pool'>> = async (app, { pool }) => {
  app.get('/health/live', {
    config: { access: 'public' },
    schema: { summary: 'Whether the process responds', tags: ['service'], response: { 200: liveSchema } },
    handler: async () => ({ status: 'live' as const }),
  });

  // The short path is the one that people try first.
  for (const url of ['/health', '/health/ready']) {
    app.get(url, {
      config: { access: 'public' },
      schema: {
        summary: 'Whether every engine is warm',
        tags: ['service'],
        response: { 200: readySchema, 503: readySchema },
      },
      handler: async (_, reply): Promise<z.infer<typeof readySchema>> => {
        reply.status(pool.isReady ? 200 : 503);
        return {
          status: pool.isReady ? 'ready' : 'starting',
          engines: pool.engines.map(({ device, info }) => ({ device, warm: info !== undefined })),
        };
      },
    });
  }
};
