import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { describeEngine } from '../../../inference/engine-types.ts';
import { JOB_STATES } from '../../../jobs/job.ts';
import type { Jobs, JobsHealth } from '../../../jobs/jobs.ts';
import { EventLoopDelay } from '../../../metrics/event-loop-delay.ts';
import { PROVIDERS } from '../../../onnxruntime/provider.ts';
import type { Services } from '../../../services.ts';
import { VERSION } from '../../../version.ts';
import { findSearchProblem } from '../../find-search-problem.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { readReadiness } from '../../readiness.ts';

/** The event loop's delays are told of this time: short enough to show the moment, long enough to have a tail. */
const LOOP_WINDOW_MS = 10_000;

const count = z.number().int();
const workersSchema = z.strictObject({
  expected: count.describe('Workers that the service may have'),
  running: count,
  asleep: count.describe('Workers that start when a task waits for them'),
});
const jobsSchema = z.strictObject({
  database: z.enum(['embedded', 'server']),
  database_problem: z.string().nullable().describe('Why the database cannot be used; null while it answers'),
  workers: workersSchema.describe('Workers that this service runs; those on other machines are not counted'),
  states: z.partialRecord(z.enum(JOB_STATES), count).describe('Jobs by state'),
});
const statusSchema = z
  .strictObject({
    object: z.literal('status'),
    version: z.string(),
    uptime_seconds: z.number(),
    ready: z.boolean().describe('As /health/ready'),
    problems: z.array(z.string()).describe('What is not as it should be, in words; empty if all is well'),
    engines: z.array(
      z.strictObject({
        device: count,
        index: count.describe('Number of the engine on its device'),
        warm: z.boolean(),
        provider: z.enum(PROVIDERS).nullable(),
        fallback: z.string().nullable().describe('Why no GPU provider is in use, if one was tried'),
      }),
    ),
    queue: z.strictObject({
      waiting: count.describe('Panels of requests that wait for an engine'),
      in_work: count.describe('Panels admitted and not answered'),
      texts_in_work: count.describe('Texts of requests of texts alone, admitted and not answered'),
    }),
    totals: z
      .strictObject({
        requests: count,
        failed_requests: count.describe('Answered with a status of 500 or more'),
        items: count.describe('Panels and texts that the engines computed, also for jobs that share them'),
        engine_restarts: count,
      })
      .describe('Since the start: the difference of two readings is a rate'),
    event_loop_delay: z
      .strictObject({ p50: z.number(), p99: z.number(), max: z.number() })
      .describe('Seconds by which timers were late, in the last ten seconds or less'),
    memory_bytes: count.describe('Resident memory of the process that answers requests'),
    search_problem: z.string().nullable().describe('Why collections cannot be searched; null if they can'),
    jobs: jobsSchema.nullable().describe('null if the service takes no jobs'),
  })
  .meta({ id: 'Status' });
export type StatusResponse = z.infer<typeof statusSchema>;

/** GET /v1/status: how the service is, in one response that a page can poll. It keeps no history: the page does. */
export const statusRoute: FastifyPluginAsyncZod<Services & { readonly jobs: Pick<Jobs, 'health'> }> = async (
  app,
  { models, pool, promotions, drift, embedder, metrics, collections, jobs },
) => {
  const loopDelay = new EventLoopDelay();
  app.addHook('onClose', async () => loopDelay.stop());

  app.get('/v1/status', {
    config: { access: 'any' },
    schema: { summary: 'Show how the service is', tags: ['service'], response: withErrors({ 200: statusSchema }) },
    handler: async (_, reply): Promise<StatusResponse> => {
      const [jobsHealth, searchProblem] = await Promise.all([jobs.health(), findSearchProblem(collections)]);
      const { requests, failedRequests, items, engineRestarts } = metrics.totals;
      const engines = pool.engines.map(({ device, index, info }) => ({
        device,
        index,
        warm: info !== undefined,
        provider: info?.provider ?? null,
        fallback: info?.fallback ?? null,
      }));
      const readiness = readReadiness({ models, pool, promotions, drift });
      reply.header('cache-control', 'no-store');
      return {
        object: 'status',
        version: VERSION,
        uptime_seconds: process.uptime(),
        ready: readiness.status === 'ready',
        problems: [
          ...engines.flatMap(engineProblems),
          ...readiness.problems,
          ...jobsProblems(jobsHealth),
          // Where somebody has switched it off, nothing is wrong.
          ...(searchProblem !== null && collections.isEnabled
            ? [`collections cannot be searched: ${searchProblem}`]
            : []),
        ],
        engines,
        queue: {
          waiting: pool.queueLength,
          in_work: embedder.admission.inFlight,
          texts_in_work: embedder.textAdmission.inFlight,
        },
        totals: { requests, failed_requests: failedRequests, items, engine_restarts: engineRestarts },
        event_loop_delay: readLoopDelay(loopDelay),
        memory_bytes: process.memoryUsage.rss(),
        search_problem: searchProblem,
        jobs: jobsHealth && {
          database: jobsHealth.database,
          database_problem: jobsHealth.databaseProblem,
          workers: jobsHealth.workers,
          states: jobsHealth.states,
        },
      };
    },
  });
};

function engineProblems(engine: StatusResponse['engines'][number]): string[] {
  const { warm, fallback } = engine;
  if (!warm) return [`${describeEngine(engine)} is starting`];
  return fallback === null ? [] : [`${describeEngine(engine)} runs on the CPU: ${fallback}`];
}

function jobsProblems(health: JobsHealth | null): string[] {
  if (health === null) return [];
  const { databaseProblem, workers } = health;
  const missing = workers.expected - workers.running - workers.asleep;
  return [
    ...(databaseProblem === null ? [] : [`the database of the jobs cannot be used: ${databaseProblem}`]),
    ...(missing > 0 ? [`${missing} of ${workers.expected} workers are not running`] : []),
  ];
}

function readLoopDelay(loopDelay: EventLoopDelay): StatusResponse['event_loop_delay'] {
  const delays = {
    p50: loopDelay.quantileSeconds(0.5),
    p99: loopDelay.quantileSeconds(0.99),
    max: loopDelay.quantileSeconds(1),
  };
  if (loopDelay.ageMs > LOOP_WINDOW_MS) loopDelay.reset();
  return delays;
}
