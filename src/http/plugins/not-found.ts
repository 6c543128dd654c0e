import fp from 'fastify-plugin';
import { PanelvecError } from '../../errors.ts';
import { toErrorBody } from '../error-response.ts';
import { statusOf } from '../error-status.ts';

const METHODS = ['GET', 'POST'] as const;

/** Responds 405 with Allow where the path has routes of other methods, else 404. Knows the routes registered after it. */
export const notFound = fp(async (app) => {
  const routes: { readonly method: string; readonly pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    for (const name of [method].flat()) routes.push({ method: name, pattern: routePattern(url) });
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const allowed = METHODS.filter((method) =>
      routes.some((route) => route.method === method && route.pattern.test(path)),
    );
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    const error =
      allowed.length > 0
        ? new PanelvecError('method_not_allowed', `${request.method} is not allowed here`)
        : new PanelvecError('not_found', `there is no ${request.method} ${path}`);
    return reply.status(statusOf(error)).type('application/json').send(toErrorBody(error, request));
  });
});

/** The paths of a route: its URL with anything in place of the parameters. */
function routePattern(route: string): RegExp {
  const escaped = route.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/:\w+/g, '[^/]+').replace('\\*', '.+')}/?$`);
}
