import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PanelvecError } from '../errors.ts';
import { ERROR_TYPES, errorTypeOf } from './error-status.ts';

/** The one form of every error that a client sees. */
export const errorResponseSchema = z
  .strictObject({
    error: z.strictObject({
      type: z.enum(ERROR_TYPES).describe('The kind of the error, as clients of OpenAI know it'),
      code: z.string().describe('Stable and machine-readable'),
      message: z.string(),
      param: z.string().nullable().describe('The field of the request at fault, such as input[3].image'),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'Error' });
export type ErrorResponse = z.infer<typeof errorResponseSchema>;

/** The form of errors below /v2: clients of the Open Inference Protocol read `error` as text. */
export const openInferenceErrorSchema = z
  .strictObject({
    error: z.string(),
    code: z.string().describe('Stable and machine-readable'),
    param: z.string().nullable().describe('The field of the request at fault, such as inputs[0].shape'),
    request_id: z.string(),
  })
  .meta({ id: 'OpenInferenceError' });
export type OpenInferenceErrorResponse = z.infer<typeof openInferenceErrorSchema>;

/** Bounds of names and values that come from the request and are repeated in the error */
const MAX_PARAM_LENGTH = 200;
const MAX_MESSAGE_LENGTH = 500;
const OPEN_INFERENCE_PATH = /^\/v2(\/|\?|$)/;

export function toErrorResponse(error: PanelvecError, requestId: string): ErrorResponse {
  const { code, param } = error;
  const message = error.message.slice(0, MAX_MESSAGE_LENGTH);
  const shortParam = param?.slice(0, MAX_PARAM_LENGTH) ?? null;
  return { error: { type: errorTypeOf(error), code, message, param: shortParam, request_id: requestId } };
}

/** An error in the form that the clients of the requested path read. */
export function toErrorBody(error: PanelvecError, request: FastifyRequest): ErrorResponse | OpenInferenceErrorResponse {
  const response = toErrorResponse(error, request.id);
  if (!OPEN_INFERENCE_PATH.test(request.url)) return response;
  const { message, type: _, ...rest } = response.error;
  // Clients of the protocol show this text alone.
  return { error: rest.param === null ? message : `${rest.param}: ${message}`, ...rest };
}
