import type { Job } from './types.js';
/** An error response of the service. docs/api.md of the repository lists the codes. */
export declare class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** The field of the request at fault, such as `panels[3].bbox` */
  readonly field: string | null;
  readonly requestId: string | null;
  /** When a service without room would have had some: later than the call was willing to wait */
  readonly retryAfterMs: number | null;
  readonly name = 'ApiError';
  constructor(
    status: number,
    code: string,
    message: string,
    /** The field of the request at fault, such as `panels[3].bbox` */
    field: string | null,
    requestId: string | null,
    /** When a service without room would have had some: later than the call was willing to wait */
    retryAfterMs: number | null,
  );
}
/** A job has failed or was cancelled. */
export declare class JobError extends Error {
  readonly job: Job;
  readonly name = 'JobError';
  readonly code: string;
  constructor(job: Job);
}
/** A response is not what the API promises, such as a vector of another length. */
export declare class ResponseError extends Error {
  readonly name = 'ResponseError';
}
/** Resolves with a response that is no error. @throws ApiError */
export declare function assertOk(response: Response): Promise<Response>;
