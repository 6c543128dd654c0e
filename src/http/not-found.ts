import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PanelvecError } from '../errors.ts';
import { errorBody } from './error-answer.ts';

const METHODS = ['GET', 'POST'] as const;

/** 405 with Allow where the place is there under another method, else 404. */
export function registerNotFound(app: FastifyInstance): void {
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const url = request.url.split('?')[0]!;
    const allowed = METHODS.filter((method) => app.hasRoute({ url, method }));
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    const error =
      allowed.length > 0
        ? new PanelvecError('method_not_allowed', `${request.method} is not allowed here`)
        : new PanelvecError('not_found', `there is no ${request.method} ${url}`);
    return reply.status(error.status).send(errorBody(error, request));
  });
}
