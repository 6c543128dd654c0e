import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type ErrorCode, PanelvecError } from '../../errors.ts';
import { toErrorBody } from '../error-response.ts';
import { statusOf } from '../error-status.ts';

/** Turns everything that a request throws into the one form of errors. */
export const errorHandler = fp(async (app) => void app.setErrorHandler(handleError));

/** Logs an error of the service itself with its cause and stack, which the client never sees. */
export function handleError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toPanelvecError(thrown);
  const status = statusOf(error);
  if (status >= 500) request.log.error({ err: error.cause ?? error, code: error.code }, error.message);
  else request.log.info({ code: error.code, param: error.param }, error.message);
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  // @fastify/static says the length of a file that does not have the range.
  if (thrown instanceof Error && 'headers' in thrown && typeof thrown.headers === 'object') {
    reply.headers(thrown.headers ?? {});
  }
  return reply.status(status).type('application/json').send(toErrorBody(error, request));
}

interface ErrorDescription {
  readonly code: ErrorCode;
  /** In place of the error's own */
  readonly message?: string;
  readonly param?: string;
}

/** Errors of Fastify and @fastify/multipart, by their codes. */
const FASTIFY_ERRORS: Readonly<Record<string, ErrorDescription>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported_media_type' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid_json' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid_json' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_request',
    message: 'the body is not as long as Content-Length says',
  },
  FST_INVALID_MULTIPART_CONTENT_TYPE: { code: 'unsupported_media_type' },
  FST_REQ_FILE_TOO_LARGE: { code: 'image_too_large' },
  FST_FILES_LIMIT: { code: 'too_many_items', message: 'too many files' },
  FST_FIELDS_LIMIT: { code: 'invalid_multipart', message: 'too many fields' },
  FST_PARTS_LIMIT: { code: 'invalid_multipart', message: 'too many parts' },
  FST_PROTO_VIOLATION: { code: 'invalid_multipart', message: 'a field has a name that is not allowed' },
  FST_INVALID_JSON_FIELD_ERROR: { code: 'invalid_json', message: 'the part is not JSON', param: 'request' },
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
