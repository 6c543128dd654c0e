/** The kinds of error that panelvec raises on purpose. A code is stable and machine-readable: clients and logs rely on it. */
export const ERROR_CODES = [
  // The caller must change the request or the input.
  'activation_conflict',
  'alias_unknown',
  'body_too_large',
  'dataset_invalid',
  'evaluation_mismatch',
  'evaluation_worse',
  'expectation_failed',
  'force_required',
  'golden_mismatch',
  'headers_too_large',
  'idempotency_conflict',
  'image_fetch_failed',
  'image_too_large',
  'image_unreadable',
  'image_url_refused',
  'inference_failed',
  'invalid_json',
  'invalid_multipart',
  'invalid_request',
  'job_ended',
  'key_invalid',
  'key_missing',
  'method_not_allowed',
  'model_in_use',
  'model_invalid',
  'model_not_found',
  'not_acceptable',
  'not_found',
  'nothing_to_roll_back',
  'origin_forbidden',
  'output_conflict',
  'picture_missing',
  'picture_unreadable',
  'poisoned_input',
  'precondition_failed',
  'quota_exceeded',
  'range_not_satisfiable',
  'rate_limited',
  'request_cancelled',
  'request_timeout',
  'scope_missing',
  'space_mismatch',
  'text_too_long',
  'text_unsupported',
  'too_many_bad_pages',
  'too_many_items',
  'training_diverged',
  'unsupported_media_type',
  'vector_not_finite',
  // The service cannot do it, now or at all.
  'database_off',
  'database_unavailable',
  'deadline_exceeded',
  'engine_unavailable',
  'internal',
  'jobs_off',
  'model_too_large',
  'model_unavailable',
  'queue_full',
  'search_unavailable',
  'shutting_down',
  'storage_failed',
  'worker_lost',
  // Raised at start-up and by commands, before there is a service.
  'config_invalid',
  'graph_invalid',
  'hub_failed',
  'provider_unavailable',
  'weights_invalid',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorFields {
  /** Path of the field at fault, such as `input[3].image`. Never a part of the message: whoever shows the error adds it. */
  param?: string;
  /** Seconds after which the same request may succeed */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** An error that panelvec raises on purpose, with a code that says what kind it is. */
export class PanelvecError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}) {
    super(message, { cause: fields.cause });
    this.name = 'PanelvecError';
    this.code = code;
    this.param = fields.param;
    this.retryAfterSeconds = fields.retryAfterSeconds;
  }
}

/** The same error with the field that it belongs to. Errors of other kinds, or with a field already, stay as they are. */
export function withParam(error: unknown, param: string): unknown {
  if (!(error instanceof PanelvecError) || error.param !== undefined) return error;
  return new PanelvecError(error.code, error.message, {
    param,
    retryAfterSeconds: error.retryAfterSeconds,
    cause: error.cause,
  });
}

/** The first line of any thrown value, for messages that must stay on one line. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [line = ''] = text.split('\n', 1);
  return line.trim();
}
