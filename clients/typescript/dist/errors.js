import { readRetryAfter } from './retrying-fetch.js';

const SNIPPET_LENGTH = 200;
/** An error response of the service. docs/api.md of the repository lists the codes. */
export class ApiError extends Error {
  status;
  code;
  field;
  requestId;
  retryAfterMs;
  name = 'ApiError';
  constructor(
    status,
    code,
    message,
    /** The field of the request at fault, such as `panels[3].bbox` */
    field,
    requestId,
    /** When a service without room would have had some: later than the call was willing to wait */
    retryAfterMs,
  ) {
    super(`${field === null ? '' : `${field}: `}${message} (${status} ${code}, request ${requestId})`);
    this.status = status;
    this.code = code;
    this.field = field;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}
/** A job has failed or was cancelled. */
export class JobError extends Error {
  job;
  name = 'JobError';
  code;
  constructor(job) {
    super(`job ${job.id}: ${job.error?.message ?? `it was ${job.state}`}`);
    this.job = job;
    this.code = job.error?.code ?? job.state;
  }
}
/** A response is not what the API promises, such as a vector of another length. */
export class ResponseError extends Error {
  name = 'ResponseError';
}
/** Resolves with a response that is no error. @throws ApiError */
export async function assertOk(response) {
  if (response.ok) return response;
  throw await readError(response);
}
/** A gateway in front of the service may answer in a form of its own. */
async function readError(response) {
  const { status, headers } = response;
  const text = await response.text();
  const requestId = headers.get('x-request-id');
  const retryAfterMs = readRetryAfter(headers);
  try {
    const { code, message, param, request_id } = JSON.parse(text).error;
    if (typeof code !== 'string' || typeof message !== 'string') throw new TypeError('no error of the service');
    return new ApiError(status, code, message, param ?? null, request_id ?? requestId, retryAfterMs);
  } catch {
    const message = text.slice(0, SNIPPET_LENGTH) || response.statusText;
    return new ApiError(status, `http_${status}`, message, null, requestId, retryAfterMs);
  }
}
