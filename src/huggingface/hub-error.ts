import { type ErrorFields, PanelvecError } from '../errors.ts';

/** A file of a hub that cannot be had. The message names the file and the reason. */
export class HubError extends PanelvecError {
  constructor(message: string, fields: ErrorFields = {}) {
    super('hub_failed', message, fields);
    this.name = 'HubError';
  }
}

/** What another try may mend. Never leaves this folder: the last one becomes a HubError. */
export class TransientError extends Error {
  /** The server's own wish, in milliseconds */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, fields: { readonly retryAfterMs?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: fields.cause });
    this.name = 'TransientError';
    this.retryAfterMs = fields.retryAfterMs;
  }
}

/** Bytes that are not those the hub announced. Trying once more from zero may help, continuing never does. */
export class WrongContentError extends Error {
  override readonly name = 'WrongContentError';
}

/** fetch reports every kind of broken connection as a TypeError that hides the reason in its cause. */
export function toTransientError(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const reason = error.cause instanceof Error ? error.cause.message || error.message : error.message;
  return new TransientError(`the connection failed: ${reason}`, { cause: error });
}
