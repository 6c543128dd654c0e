import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type ErrorCode, PanelvecError } from '../../errors.ts';
import { toErrorBody } from '../error-response.ts';
import { statusOf } from '../error-status.ts';

declare module 'fastify' {
  interface FastifyReply {
    /** Of the error that is sent; undefined for another response */
    errorCode: ErrorCode | undefined;
    /** That the error tells its client, before it is rounded */
    retryAfterSeconds: number | undefined;
  }
}

/** Turns everything that a request throws into the one form of errors. */
export const errorHandler = fp(async (app) => {
  app.decorateReply('errorCode', undefined);
  app.decorateReply('retryAfterSeconds', undefined);
  app.setErrorHandler(handleError);
});

/**
 * Logs an error of the service itself with its cause and stack, which the client never sees. A full service refuses hundreds of
 * requests a second, which metrics count: a line for each would take from those that it has accepted.
 */
export function handleError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toPanelvecError(thrown);
  const status = statusOf(error);
  if (status >= 500) request.log.error({ err: error.cause ?? error, code: error.code }, error.message);
  else if (error.code === 'queue_full') request.log.debug({ code: error.code }, error.message);
  else request.log.info({ code: error.code, param: error.param }, error.message);
  reply.errorCode = error.code;
  reply.retryAfterSeconds = error.retryAfterSeconds;
  if (error.retryAfterSeconds !== undefined) reply.headers(retryHeaders(error.retryAfterSeconds));
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  // @fastify/static says the length of a file that does not have the range.
  if (thrown instanceof Error && 'headers' in thrown && typeof thrown.headers === 'object') {
    reply.headers(thrown.headers ?? {});
  }
  return reply.status(status).type('application/json').send(toErrorBody(error, request));
}

/** Whole seconds, as the standard has it, and milliseconds, under the name that OpenAI's clients read and under one that marks it as no standard. */
function retryHeaders(seconds: number): Record<string, string> {
  const milliseconds = String(Math.ceil(seconds * 1000));
  const wholeSeconds = String(Math.max(1, Math.ceil(seconds)));
  return { 'retry-after': wholeSeconds, 'retry-after-ms': milliseconds, 'x-retry-after-ms': milliseconds };
}

interface ErrorDescription {
  readonly code: ErrorCode;
  /** In place of the error's own */
  readonly message?: string;
  readonly param?: string;
}

/** Errors of Fastify, by their codes. */
const FASTIFY_ERRORS: Readonly<Record<string, ErrorDescription>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    message: 'the content type is none: send one such as application/json, or leave the header out',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large' },
};

/** Errors of @fastify/static, which have a status but no code. */
const FILE_ERRORS: Readonly<Record<number, ErrorDescription>> = {
  412: { code: 'precondition_failed', message: 'the file has changed' },
  416: { code: 'range_not_satisfiable', message: 'the file does not have this range of bytes' },
};

function toPanelvecError(error: unknown): PanelvecError {
  if (error instanceof PanelvecError) return error;
  if (!(error instanceof Error)) return new PanelvecError('internal', 'internal error', { cause: error });
  const { code = '', statusCode = 500 }: Partial<FastifyError> = error;
  const known = FASTIFY_ERRORS[code] ?? FILE_ERRORS[statusCode];
  if (known) {
    return new PanelvecError(known.code, known.message ?? error.message, { param: known.param, cause: error });
  }
  // JSON.parse and the check for __proto__ raise errors without a code.
  if (error instanceof SyntaxError) return new PanelvecError('invalid_json', error.message, { cause: error });
  if (statusCode >= 400 && statusCode < 500) {
    return new PanelvecError('invalid_request', error.message, { cause: error });
  }
  return new PanelvecError('internal', 'internal error', { cause: error });
}
