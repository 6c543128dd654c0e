import type { ErrorCode, PanelvecError } from '../errors.ts';

/** The HTTP status of every code. Codes of start-up and commands are here so that the compiler asks for each new one. */
const STATUS_BY_CODE: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  invalid_json: 400,
  invalid_multipart: 400,
  image_unreadable: 400,
  image_url_refused: 400,
  key_invalid: 401,
  key_missing: 401,
  origin_forbidden: 403,
  scope_missing: 403,
  alias_unknown: 404,
  not_found: 404,
  model_not_found: 404,
  picture_missing: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  request_timeout: 408,
  activation_conflict: 409,
  evaluation_mismatch: 409,
  evaluation_worse: 409,
  force_required: 409,
  golden_mismatch: 409,
  idempotency_conflict: 409,
  job_ended: 409,
  model_in_use: 409,
  // A model folder that is damaged, foreign or gone. At start-up and in commands there is no status.
  model_invalid: 409,
  nothing_to_roll_back: 409,
  output_conflict: 409,
  space_mismatch: 409,
  precondition_failed: 412,
  body_too_large: 413,
  image_too_large: 413,
  text_too_long: 413,
  too_many_items: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  expectation_failed: 417,
  dataset_invalid: 422,
  inference_failed: 422,
  picture_unreadable: 422,
  poisoned_input: 422,
  text_unsupported: 422,
  too_many_bad_pages: 422,
  training_diverged: 422,
  vector_not_finite: 422,
  // Not 502: whoever asked for the URL can choose another, and nothing is wrong with this service.
  image_fetch_failed: 424,
  queue_full: 429,
  quota_exceeded: 429,
  rate_limited: 429,
  headers_too_large: 431,
  // nginx's number for a client that has gone: no standard status says it, and nobody is left to read it.
  request_cancelled: 499,
  internal: 500,
  worker_lost: 500,
  database_off: 503,
  database_unavailable: 503,
  engine_unavailable: 503,
  jobs_off: 503,
  model_unavailable: 503,
  search_unavailable: 503,
  shutting_down: 503,
  deadline_exceeded: 504,
  model_too_large: 507,
  storage_failed: 507,
  config_invalid: 500,
  graph_invalid: 500,
  hub_failed: 500,
  provider_unavailable: 500,
  weights_invalid: 500,
};

export function statusOf({ code }: PanelvecError): number {
  return STATUS_BY_CODE[code];
}

/** The kinds of errors that clients of OpenAI tell apart. */
export const ERROR_TYPES = ['invalid_request_error', 'rate_limit_error', 'server_error'] as const;

export function errorTypeOf(error: PanelvecError): (typeof ERROR_TYPES)[number] {
  const status = statusOf(error);
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
