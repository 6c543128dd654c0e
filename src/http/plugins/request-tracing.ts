import fp from 'fastify-plugin';
import type { Metrics } from '../../metrics/metrics.ts';

/** Gives every response the id of its request, and records how long it took. */
export const requestTracing = fp<{ metrics: Metrics }>(async (app, { metrics }) => {
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    request.log.debug({ method: request.method, route, status: reply.statusCode, ms: reply.elapsedTime }, 'responded');
  });
});
