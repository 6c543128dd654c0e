import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type ReadinessSources, readReadiness } from '../../readiness.ts';

const liveSchema = z.strictObject({ status: z.literal('live') }).meta({ id: 'Live' });
const readySchema = z
  .strictObject({
    status: z
      .enum(['ready', 'starting', 'unavailable'])
      .describe('`unavailable`: the default model cannot be loaded, or an engine does not compute its model'),
    engines: z.array(
      z.strictObject({
        device: z.number().int(),
        index: z.number().int().describe('Number of the engine on its device'),
        warm: z.boolean(),
      }),
    ),
    problems: z.array(z.string()).describe('What is not served as it was chosen, in sentences; also while it is ready'),
  })
  .meta({ id: 'Ready' });

/** GET /health/live: the process responds. GET /health/ready, or /health: every engine is warm and computes its model, the default can be served, and the service is not stopping. */
export const healthRoute: FastifyPluginAsyncZod<ReadinessSources> = async (app, services) => {
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
        summary: 'Whether the service is ready for requests',
        tags: ['service'],
        response: { 200: readySchema, 503: readySchema },
      },
      handler: async (_, reply): Promise<z.infer<typeof readySchema>> => {
        const { status, problems } = readReadiness(services);
        reply.status(status === 'ready' ? 200 : 503);
        return {
          status,
          engines: services.pool.engines.map(({ device, index, info }) => ({
            device,
            index,
            warm: info !== undefined,
          })),
          problems,
        };
      },
    });
  }
};
