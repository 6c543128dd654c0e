import fp from 'fastify-plugin';
import type { Metrics } from '../../metrics/metrics.ts';
import type { RequestAborts } from '../request-aborts.ts';

/** Gives every response the id of its request, and records how long it took, or what ended it. */
export const requestTracing = fp<{ metrics: Metrics; aborts: RequestAborts }>(async (app, { metrics, aborts }) => {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    aborts.watch(request, reply);
  });
  app.addHook('onResponse', async (request, reply) => {
    // The hook also runs for a response that nobody was there to take any more.
    if (aborts.isObserved(reply)) return;
    const route = request.routeOptions.url ?? 'unknown';
    metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    if (reply.errorCode !== undefined) metrics.recordError(reply.errorCode, reply.retryAfterSeconds);
    request.log.debug({ method: request.method, route, status: reply.statusCode, ms: reply.elapsedTime }, 'responded');
  });
});
