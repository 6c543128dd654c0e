import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PanelvecError } from '../../errors.ts';
import { statusOf } from '../error-status.ts';
import { toErrorBody } from './error-response.ts';

const METHODS = ['GET', 'POST'] as const;

/** 405 with Allow where the place is there under another method, else 404. */
export function registerNotFound(app: FastifyInstance): void {
  const patternsByMethod = new Map(METHODS.map((method) => [method as string, [] as RegExp[]]));
  app.addHook('onRoute', ({ url, method }) => {
    for (const name of [method].flat()) patternsByMethod.get(name)?.push(routePattern(url));
  });
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const url = request.url.split('?')[0]!;
    const allowed = METHODS.filter((method) => patternsByMethod.get(method)!.some((pattern) => pattern.test(url)));
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    const error =
      allowed.length > 0
        ? new PanelvecError('method_not_allowed', `${request.method} is not allowed here`)
        : new PanelvecError('not_found', `there is no ${request.method} ${url}`);
    return reply.status(statusOf(error)).type('application/json').send(toErrorBody(error, request));
  });
}

/** Where a route is: its pattern with anything in place of the parameters. */
function routePattern(route: string): RegExp {
  const escaped = route.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/:\w+/g, '[^/]+').replace('\\*', '.+')}/?$`);
}
