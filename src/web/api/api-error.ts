/** An error of the service in its own words, or the reason why it cannot be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 0 where there was no response */
  readonly status: number;
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly requestId: string | undefined;

  constructor(
    message: string,
    status: number,
    details: { code?: string; param?: string | null; request_id?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.code = details.code;
    this.param = details.param ?? undefined;
    this.requestId = details.request_id;
  }
}
