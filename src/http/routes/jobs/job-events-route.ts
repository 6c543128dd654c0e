import { Readable } from 'node:stream';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiKeys } from '../../../access/api-keys.ts';
import type { Job } from '../../../jobs/job.ts';
import type { Jobs } from '../../../jobs/jobs.ts';
import { withoutSpan } from '../../../tracing/tracing.ts';
import { clientDisconnectSignal } from '../../client-disconnect.ts';
import { withErrors } from '../../openapi-schemas.ts';
import { jobParamsSchema, toJobResponse } from './job-schemas.ts';

const EVENT_STREAM = 'text/event-stream';
/** Well within the minute after which proxies close a silent connection */
const KEEP_ALIVE_MS = 15_000;
const headersSchema = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{1,15}$/, 'must be the id of an event')
    .optional()
    .describe('Only events after this one'),
});

/**
 * GET /v1/jobs/{id}/events: the changes of a job as server-sent events. Each event is the whole job, so the next one makes
 * up for one that was missed. The last comes when the job has ended.
 */
export const jobEventsRoute: FastifyPluginAsyncZod<{ readonly jobs: Jobs; readonly keys: ApiKeys }> = async (
  app,
  { jobs, keys },
) => {
  const closeController = new AbortController();
  app.addHook('preClose', async () => closeController.abort());

  app.get('/v1/jobs/:id/events', {
    config: { access: 'jobs' },
    schema: {
      summary: 'Watch a job',
      tags: ['jobs'],
      params: jobParamsSchema,
      headers: headersSchema,
      alsoProduces: [EVENT_STREAM],
      response: withErrors({ 200: z.string().describe('Events `job`, each with the job as its data') }),
    },
    handler: async ({ params: { id }, headers, caller }, reply) => {
      const lastRevision = Number(headers['last-event-id'] ?? 0);
      // Throws for an unknown job while the response can still have a status of its own.
      await jobs.get(id);
      const refusalController = new AbortController();
      const signals = [closeController.signal, clientDisconnectSignal(reply), refusalController.signal];
      const signal = AbortSignal.any(signals);
      // A stream can outlive its key.
      const checkCaller = () => keys.isInForce(caller) || refusalController.abort();
      reply.type(EVENT_STREAM).header('cache-control', 'no-store').header('x-accel-buffering', 'no');
      const changes = jobs.changes(id, lastRevision, signal);
      return reply.send(Readable.from(withKeepAlive(changes, signal, checkCaller)));
    },
  });
};

/** The events of the changes, with a comment wherever nothing has changed for a while. The check comes before each and may abort them. */
async function* withKeepAlive(
  changes: AsyncGenerator<Job>,
  signal: AbortSignal,
  check: () => void,
): AsyncGenerator<string> {
  let nextChange = readNext(changes);
  yield ':\n\n';
  while (!signal.aborted) {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(() => resolve('timeout'), KEEP_ALIVE_MS);
    });
    const change = await Promise.race([nextChange, timeout]);
    clearTimeout(timer);
    check();
    if (signal.aborted) return;
    if (change === 'timeout') yield ':\n\n';
    else if (change.done) return;
    else {
      yield `id: ${change.value.revision}\nevent: job\ndata: ${JSON.stringify(toJobResponse(change.value))}\n\n`;
      nextChange = readNext(changes);
    }
  }
}

/** Asks for the next change. While the client is slow nobody waits for it, and a rejection must not end the process. */
function readNext(changes: AsyncGenerator<Job>): Promise<IteratorResult<Job>> {
  // Below the request there would be a query for each half second.
  const next = withoutSpan(() => changes.next());
  next.catch(() => {});
  return next;
}
