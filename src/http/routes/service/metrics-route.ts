import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Jobs } from '../../../jobs/jobs.ts';
import { registerJobGauges } from '../../../metrics/job-gauges.ts';
import { registerStateGauges } from '../../../metrics/state-gauges.ts';
import type { Services } from '../../../services.ts';
import { withErrors } from '../../openapi-schemas.ts';

/** Running jobs whose progress a scrape shows */
const MAX_WATCHED_JOBS = 100;

/** GET /metrics in the text format of Prometheus. */
export const metricsRoute: FastifyPluginAsyncZod<Services & { readonly jobs: Jobs }> = async (
  app,
  { metrics, models, pool, embedder, promotions, canaryWatch, drift, jobs },
) => {
  const stopGauges = registerStateGauges(metrics.registry, {
    queuedItems: () => pool.queueLength,
    itemsInWork: () => embedder.admission.inFlight,
    expectedWaits: () => ({
      interactive: embedder.waitAdmission.expectedWaitSeconds('interactive'),
      batch: embedder.waitAdmission.expectedWaitSeconds('batch'),
    }),
    workRate: () => embedder.waitAdmission.rate,
    textsInWork: () => embedder.textAdmission.inFlight,
    featureMemory: () => embedder.features.stats,
    engines: () =>
      pool.engines.map(({ model, device, index, info }) => ({ model, device, index, provider: info?.provider })),
    goldenCosines: () => drift.cosines,
    models: () => models.all.map(({ id, space, spec }) => ({ id, space, dimensions: spec.dimensions })),
    aliases: () => promotions.aliases(),
    canaries: () => canaryWatch.running,
  });
  app.addHook('onClose', async () => stopGauges());
  if (jobs.isEnabled) {
    registerJobGauges(metrics.registry, {
      countByState: () => jobs.countByState(),
      running: async () => (await jobs.list({ state: 'running', limit: MAX_WATCHED_JOBS })).jobs,
    });
  }

  app.get('/metrics', {
    config: { access: 'any' },
    schema: {
      summary: 'Prometheus metrics',
      tags: ['service'],
      response: {
        ...withErrors({}),
        200: { description: 'In the text format of Prometheus', content: { 'text/plain': { schema: z.string() } } },
      },
    },
    handler: async (_, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  });
};
