import { type ErrorFields, PanelvecError } from '../errors.ts';
import { fetchErrorReason } from '../util/fetch-error.ts';

/** A file of a hub could not be downloaded. The message names the file and the reason. */
export class HubError extends PanelvecError {
  constructor(message: string, fields: ErrorFields = {}) {
    super('hub_failed', message, fields);
    this.name = 'HubError';
  }
}

/** A failure that another attempt may not have. It never leaves this folder: the last one becomes a HubError. */
export class TransientError extends Error {
  /** How long the server asks clients to wait, in milliseconds */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, fields: { readonly retryAfterMs?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: fields.cause });
    this.name = 'TransientError';
    this.retryAfterMs = fields.retryAfterMs;
  }
}

/** The bytes are not those that the hub announced. Starting from zero may help, continuing never does. */
export class WrongContentError extends Error {
  override readonly name = 'WrongContentError';
}

/** Turns the TypeError that `fetch` throws for every kind of broken connection into a TransientError. */
export function toTransientError(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  return new TransientError(`the connection failed: ${fetchErrorReason(error)}`, { cause: error });
}
