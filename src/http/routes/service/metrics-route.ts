import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Jobs } from '../../../jobs/jobs.ts';
import { registerHealthGauges } from '../../../metrics/health-gauges.ts';
import { registerJobGauges } from '../../../metrics/job-gauges.ts';
import { registerStateGauges } from '../../../metrics/state-gauges.ts';
import type { Services } from '../../../services.ts';
import { withinTime } from '../../../util/within-time.ts';
import { findSearchProblem } from '../../find-search-problem.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { readReadiness } from '../../readiness.ts';

/** Running jobs whose progress a scrape shows */
const MAX_WATCHED_JOBS = 100;

/** A database that hangs must not take the other metrics with it: Prometheus gives up a scrape after 10 seconds. */
const DATABASE_TIMEOUT_MS = 2000;

/** GET /metrics in the text format of Prometheus. */
export const metricsRoute: FastifyPluginAsyncZod<Services & { readonly jobs: Jobs }> = async (app, services) => {
  const { config, metrics, models, pool, embedder, promotions, canaryWatch, drift, collections, jobs } = services;
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
    engines: () => pool.engines.map(({ info, ...engine }) => ({ ...engine, provider: info?.provider })),
    goldenCosines: () => drift.cosines,
    models: () => models.all.map(({ id, space, spec }) => ({ id, space, dimensions: spec.dimensions })),
    aliases: () => promotions.aliases(),
    canaries: () => canaryWatch.running,
  });
  app.addHook('onClose', async () => stopGauges());
  registerHealthGauges(metrics.registry, {
    isReady: () => readReadiness(services).status === 'ready',
    databases: async () => {
      const [health, searchProblem] = await Promise.all([
        jobs.health(),
        collections.isEnabled ? findSearchProblem(collections) : undefined,
      ]);
      return {
        ...(health !== null && { jobs: health.databaseProblem === null }),
        ...(searchProblem !== undefined && { collections: searchProblem === null }),
      };
    },
    home: config.home,
  });
  if (jobs.isEnabled) {
    registerJobGauges(metrics.registry, {
      countByState: () => withinTime(jobs.countByState(), DATABASE_TIMEOUT_MS),
      countOpenTasks: () => withinTime(jobs.countOpenTasks(), DATABASE_TIMEOUT_MS),
      workers: () => jobs.workerCounts,
      running: async () => {
        const running = jobs.list({ state: 'running', limit: MAX_WATCHED_JOBS });
        return (await withinTime(running, DATABASE_TIMEOUT_MS)).jobs;
      },
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
    handler: async (_, reply) => {
      metrics.addMissingSeries({ engines: pool.engines, models: models.all, aliases: promotions.aliases() });
      return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
    },
  });
};
