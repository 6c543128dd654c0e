import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { PanelvecError } from '../../errors.ts';
import { toErrorBody } from '../error-response.ts';
import { statusOf } from '../error-status.ts';
import { findSimilarPath } from '../similar-path.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'DELETE'] as const;

/**
 * Responds 405 with Allow where the path has routes of other methods, else 404 with the call that was probably meant. It
 * does so before the body is read. Knows the routes registered after it.
 */
export const notFound = fp(async (app) => {
  const routes: { readonly method: string; readonly url: string; readonly pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    for (const name of [method].flat()) routes.push({ method: name, url, pattern: routePattern(url) });
  });

  function respond(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const [path = ''] = request.url.split('?', 1);
    const methods = METHODS.filter((method) =>
      routes.some((route) => route.method === method && route.pattern.test(path)),
    );
    // A route of files has the method, but not the file.
    const allowed = methods.some((method) => method === request.method) ? [] : methods;
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    if (allowed.length > 0 && request.method === 'OPTIONS') return reply.status(204).send();
    const error =
      allowed.length > 0
        ? new PanelvecError('method_not_allowed', `${request.method} is not allowed here, only ${allowed.join(', ')}`)
        : new PanelvecError('not_found', `there is no ${request.method} ${path}: ${hint(path)}`);
    reply.errorCode = error.code;
    return reply.status(statusOf(error)).type('application/json').send(toErrorBody(error, request));
  }

  function hint(path: string): string {
    const urls = routes.filter(({ method }) => method !== 'HEAD').map(({ url }) => url);
    const similar = findSimilarPath(path, [...new Set(urls)]);
    const method = routes.find(({ url, pattern }) => url === similar || (similar && pattern.test(similar)))?.method;
    return similar === undefined ? '/docs lists the calls' : `did you mean ${method} ${similar}?`;
  }

  app.addHook('onRequest', async (request, reply) => (request.is404 ? respond(request, reply) : undefined));
  app.setNotFoundHandler(respond);
});

/** The paths of a route: its URL with anything in place of the parameters. */
function routePattern(route: string): RegExp {
  const escaped = route.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/:\w+/g, '[^/]+').replace('\\*', '.+')}/?$`);
}
