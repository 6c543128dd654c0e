import { Readable } from 'node:stream';
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { Job } from '../../../jobs/job.ts';
import type { Jobs } from '../../../jobs/jobs.ts';
import { withErrors } from '../../openapi.ts';
import { parse } from '../../parse-request.ts';
import { clientDisconnectSignal } from '../../plugins/client-disconnect.ts';
import { jobParamsSchema, toJobResponse } from './job-schemas.ts';

const EVENT_STREAM = 'text/event-stream';
/** Proxies close what is silent for a minute. */
const KEEP_ALIVE_MS = 15_000;
const headersSchema = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{1,15}$/, 'must be the id of an event')
    .optional()
    .describe('Only what is later than this event'),
});

/**
 * The changes of a job as server-sent events. Each event is the whole job, so one that was missed is made up for by the
 * next; the last comes when the job has ended.
 */
export function jobEventsRoute(jobs: Jobs): FastifyPluginAsync {
  return async (app) => {
    const closeController = new AbortController();
    app.addHook('preClose', async () => closeController.abort());

    app.get('/v1/jobs/:id/events', {
      schema: {
        summary: 'Watch a job',
        tags: ['jobs'],
        params: jobParamsSchema,
        headers: headersSchema,
        alsoProduces: [EVENT_STREAM],
        response: withErrors({ 200: z.string().describe('Events `job`, each with the job as its data') }),
      },
      handler: async (request, reply) => {
        const { id } = parse(jobParamsSchema, request.params);
        const lastRevision = Number(parse(headersSchema, request.headers)['last-event-id'] ?? 0);
        // Unknown jobs are told of while there is still a status to tell it with.
        await jobs.get(id);
        const signal = AbortSignal.any([closeController.signal, clientDisconnectSignal(reply)]);
        reply.type(EVENT_STREAM).header('cache-control', 'no-store').header('x-accel-buffering', 'no');
        return reply.send(Readable.from(withKeepAlive(jobs.changes(id, lastRevision, signal), signal)));
      },
    });
  };
}

async function* withKeepAlive(changes: AsyncGenerator<Job>, signal: AbortSignal): AsyncGenerator<string> {
  let nextChange = changes.next();
  // Nobody looks at it while the first bytes are on their way; whoever does gets the same rejection.
  nextChange.catch(() => {});
  yield ':\n\n';
  while (!signal.aborted) {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<'silence'>((resolve) => {
      timer = setTimeout(() => resolve('silence'), KEEP_ALIVE_MS);
    });
    const change = await Promise.race([nextChange, timeout]);
    clearTimeout(timer);
    if (change === 'silence') yield ':\n\n';
    else if (change.done) return;
    else {
      yield `id: ${change.value.revision}\nevent: job\ndata: ${JSON.stringify(toJobResponse(change.value))}\n\n`;
      nextChange = changes.next();
    }
  }
}
