import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { Services } from '../../../services.ts';

const liveSchema = z.strictObject({ status: z.literal('live') }).meta({ id: 'Live' });
const readySchema = z
  .strictObject({
    status: z.enum(['ready', 'starting']),
    engines: z.array(z.strictObject({ device: z.number().int(), warm: z.boolean() })),
  })
  .meta({ id: 'Ready' });

/** live: the process answers. ready: every engine is warm, and the service is not stopping. */
export function healthRoute({ pool }: Services): FastifyPluginAsync {
  return async (app) => {
    app.get('/health/live', {
      schema: { summary: 'Whether the process answers', tags: ['service'], response: { 200: liveSchema } },
      handler: async () => ({ status: 'live' }),
    });

    app.get('/health/ready', {
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
  };
}
