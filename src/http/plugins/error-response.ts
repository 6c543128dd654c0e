import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ErrorCode, PanelvecError } from '../../errors.ts';
import { statusOf } from '../error-status.ts';

/** The one form of every error that a client sees. */
export const errorResponseSchema = z
  .strictObject({
    error: z.strictObject({
      code: z.string().describe('Stable and machine-readable'),
      message: z.string(),
      param: z.string().nullable().describe('The field of the request at fault, such as input[3].image'),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'Error' });

/** The same where the Open Inference Protocol is spoken, whose clients read `error` as text. */
export const openInferenceErrorSchema = z
  .strictObject({
    error: z.string(),
    code: z.string().describe('Stable and machine-readable'),
    param: z.string().nullable().describe('The field of the request at fault, such as inputs[0].shape'),
    request_id: z.string(),
  })
  .meta({ id: 'OpenInferenceError' });
/** Where it is spoken. */
const OPEN_INFERENCE_PATH = /^\/v2(\/|\?|$)/;

export type ErrorResponse = z.infer<typeof errorResponseSchema>;

/** Names that come from the request are repeated, but not by the megabyte. */
const MAX_PARAM_LENGTH = 200;
const MAX_MESSAGE_LENGTH = 500;

export function toErrorResponse(error: PanelvecError, requestId: string): ErrorResponse {
  const { code, param } = error;
  const message = error.message.slice(0, MAX_MESSAGE_LENGTH);
  return { error: { code, message, param: param?.slice(0, MAX_PARAM_LENGTH) ?? null, request_id: requestId } };
}

/** An error in the form that the place asked for speaks. */
export function toErrorBody(
  error: PanelvecError,
  request: FastifyRequest,
): ErrorResponse | z.infer<typeof openInferenceErrorSchema> {
  const response = toErrorResponse(error, request.id);
  if (!OPEN_INFERENCE_PATH.test(request.url)) return response;
  const { message, ...rest } = response.error;
  return { error: message, ...rest };
}

interface ErrorDescription {
  readonly code: ErrorCode;
  readonly message?: string;
  readonly param?: string;
}

/** Errors of Fastify and its plugins, by their codes, in our terms. */
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
  416: { code: 'range_not_satisfiable', message: 'the file does not have the range of bytes' },
};

function toPanelvecError(error: unknown): PanelvecError {
  if (error instanceof PanelvecError) return error;
  const { code = '', message = '', statusCode } = error as Partial<FastifyError>;
  const known = FASTIFY_ERRORS[code] ?? FILE_ERRORS[statusCode ?? 0];
  if (known) return new PanelvecError(known.code, known.message ?? message, { param: known.param, cause: error });
  // JSON.parse's own errors and prototype poisoning come without a code of Fastify's.
  if (error instanceof SyntaxError) return new PanelvecError('invalid_json', message, { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new PanelvecError('invalid_request', message, { cause: error });
  }
  return new PanelvecError('internal', 'internal error', { cause: error });
}

/** Fastify's error handler. What is ours to explain is logged with its cause; the client never sees a stack. */
export function handleError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toPanelvecError(thrown);
  const status = statusOf(error);
  if (status >= 500) request.log.error({ err: error.cause ?? error, code: error.code }, error.message);
  else request.log.info({ code: error.code, param: error.param }, error.message);
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  // A file that does not have the range says how long it is.
  if (thrown instanceof Error && 'headers' in thrown && typeof thrown.headers === 'object') {
    reply.headers(thrown.headers ?? {});
  }
  return reply.status(status).type('application/json').send(toErrorBody(error, request));
}
