import { Readable } from 'node:stream';
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { Job } from '../../jobs/job.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import { abandonment } from '../abandonment.ts';
import { withErrors } from '../openapi.ts';
import { parse } from '../parse.ts';
import { jobAnswer, jobParamsSchema } from './job-schemas.ts';

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
    const closing = new AbortController();
    app.addHook('preClose', async () => closing.abort());

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
        const last = Number(parse(headersSchema, request.headers)['last-event-id'] ?? 0);
        // Unknown jobs are told of while there is still a status to tell it with.
        await jobs.get(id);
        const signal = AbortSignal.any([closing.signal, abandonment(reply)]);
        reply.type(EVENT_STREAM).header('cache-control', 'no-store').header('x-accel-buffering', 'no');
        return reply.send(Readable.from(withKeepAlive(jobs.changes(id, last, signal), signal)));
      },
    });
  };
}

async function* withKeepAlive(changes: AsyncGenerator<Job>, signal: AbortSignal): AsyncGenerator<string> {
  let next = changes.next();
  // Nobody looks at it while the first bytes are on their way; whoever does gets the same rejection.
  next.catch(() => {});
  yield ':\n\n';
  while (!signal.aborted) {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<'silence'>((resolve) => {
      timer = setTimeout(() => resolve('silence'), KEEP_ALIVE_MS);
    });
    const change = await Promise.race([next, silence]);
    clearTimeout(timer);
    if (change === 'silence') yield ':\n\n';
    else if (change.done) return;
    else {
      yield `id: ${change.value.revision}\nevent: job\ndata: ${JSON.stringify(jobAnswer(change.value))}\n\n`;
      next = changes.next();
    }
  }
}
