import type { FastifyRequest, RouteHandlerMethod } from 'fastify';
import fp from 'fastify-plugin';
import { isTracing, type RootSpan, startRoot } from '../../tracing/tracing.ts';
import { onResponseClosed } from '../on-response-closed.ts';
import type { RequestAborts } from '../request-aborts.ts';

/** Kubernetes and Prometheus ask all the time: their requests would be most of what is stored. */
const UNTRACED_ROUTES = /^\/(health|metrics|v2\/health)(\/|$)/;

/** Makes a span of each request, below that of its caller. Does nothing while tracing is off. */
export const requestSpans = fp<{ aborts: RequestAborts }>(async (app, { aborts }) => {
  if (!isTracing()) return;
  const spans = new WeakMap<FastifyRequest, RootSpan>();

  app.addHook('onRequest', (request, reply, done) => {
    const { url: route } = request.routeOptions;
    const span = route !== undefined && UNTRACED_ROUTES.test(route) ? undefined : startRequestSpan(request, route);
    if (span === undefined) {
      done();
      return;
    }
    spans.set(request, span);
    onResponseClosed(reply, () => {
      if (aborts.has(reply)) {
        span.end('aborted');
        return;
      }
      span.setAttributes({ 'http.response.status_code': reply.statusCode });
      const errorType = reply.errorCode ?? String(reply.statusCode);
      if (reply.errorCode !== undefined) span.setAttributes({ 'panelvec.error.code': reply.errorCode });
      span.end(reply.statusCode >= 500 ? errorType : undefined);
    });
    span.run(done);
  });

  // Reading a body ends in an event of its connection, which knows of no span.
  app.addHook('onRoute', (route) => {
    const handle = route.handler;
    route.handler = function (request, reply) {
      const run = () => handle.call(this, request, reply);
      const span = spans.get(request);
      return span === undefined ? run() : span.run(run);
    } satisfies RouteHandlerMethod;
  });
});

/** Says neither the path nor the query, which may have what is searched for: the route tells enough. */
function startRequestSpan({ method, headers, id }: FastifyRequest, route: string | undefined): RootSpan | undefined {
  const { traceparent, tracestate } = headers;
  return startRoot({
    name: route === undefined ? method : `${method} ${route}`,
    role: 'server',
    parent: {
      ...(typeof traceparent === 'string' && { traceparent }),
      ...(typeof tracestate === 'string' && { tracestate }),
    },
    attributes: {
      'http.request.method': method,
      ...(route !== undefined && { 'http.route': route }),
      'panelvec.request_id': id,
    },
  });
}
