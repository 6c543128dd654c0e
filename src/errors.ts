/**
 * Every error that panelvec raises on purpose. `code` is the tag: stable, machine-readable, and the key of the one
 * table below that maps errors to HTTP statuses. `param` names the field of the request that is at fault.
 */
export const STATUS_BY_CODE = {
  invalid_request: 400,
  invalid_json: 400,
  invalid_multipart: 400,
  image_unreadable: 400,
  not_found: 404,
  model_not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  request_timeout: 408,
  idempotency_conflict: 409,
  job_ended: 409,
  output_conflict: 409,
  space_mismatch: 409,
  body_too_large: 413,
  image_too_large: 413,
  text_too_long: 413,
  too_many_items: 413,
  unsupported_media_type: 415,
  expectation_failed: 417,
  dataset_invalid: 422,
  inference_failed: 422,
  text_unsupported: 422,
  too_many_bad_pages: 422,
  training_diverged: 422,
  vector_not_finite: 422,
  queue_full: 429,
  request_cancelled: 499,
  internal: 500,
  worker_lost: 500,
  database_unavailable: 503,
  engine_unavailable: 503,
  jobs_off: 503,
  shutting_down: 503,
  storage_failed: 507,
  // The rest happen at start-up or on the command line and never reach an HTTP client.
  config_invalid: 500,
  graph_invalid: 500,
  hub_failed: 500,
  model_invalid: 500,
  provider_unavailable: 500,
  weights_invalid: 500,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof STATUS_BY_CODE;

export interface ErrorFields {
  /** Path of the offending field in the request, such as `input[3].image`. */
  param?: string;
  /** Seconds after which the same request may succeed. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

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

  get status(): number {
    return STATUS_BY_CODE[this.code];
  }
}

/** The same error, told about the field that it belongs to; other errors pass unchanged. */
export function withParam(error: unknown, param: string): unknown {
  if (!(error instanceof PanelvecError) || error.param !== undefined) return error;
  return new PanelvecError(error.code, error.message, {
    param,
    retryAfterSeconds: error.retryAfterSeconds,
    cause: error.cause,
  });
}

/** First line of any thrown value, for messages that must stay on one line. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0]!.trim();
}
