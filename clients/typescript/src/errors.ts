import { readRetryAfter } from './retrying-fetch.js';
import type { Job } from './types.js';

const SNIPPET_LENGTH = 200;

/** An error response of the service. docs/api.md of the repository lists the codes. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** The field of the request at fault, such as `panels[3].bbox` */
    readonly field: string | null,
    readonly requestId: string | null,
    /** When a service without room would have had some: later than the call was willing to wait */
    readonly retryAfterMs: number | null,
  ) {
    super(`${field === null ? '' : `${field}: `}${message} (${status} ${code}, request ${requestId})`);
  }
}

/** A job has failed or was cancelled. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly code: string;

  constructor(readonly job: Job) {
    super(`job ${job.id}: ${job.error?.message ?? `it was ${job.state}`}`);
    this.code = job.error?.code ?? job.state;
  }
}

/** A response is not what the API promises, such as a vector of another length. */
export class ResponseError extends Error {
  override readonly name = 'ResponseError';
}

/** Resolves with a response that is no error. @throws ApiError */
export async function assertOk(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw await readError(response);
}

/** A gateway in front of the service may answer in a form of its own. */
async function readError(response: Response): Promise<ApiError> {
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
