import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PanelvecError } from '../errors.ts';
import { toErrorResponse } from './error-response.ts';
import { statusOf } from './error-status.ts';
import type { AbortReason, RequestAborts } from './request-aborts.ts';

/** Browsers send the cookies of everything else on the same host. Node's own limit is 16 KiB. */
export const MAX_HEADER_BYTES = 64 * 1024;

const CLOSE_DELAY_MS = 1000;

const ERRORS: Readonly<Record<Exclude<AbortReason, 'client_closed' | 'shutdown'>, PanelvecError>> = {
  timeout: new PanelvecError('request_timeout', 'the request was not sent in time'),
  headers_too_large: new PanelvecError(
    'headers_too_large',
    `the headers have over ${MAX_HEADER_BYTES} bytes, or are too many, with cookies and the URL: send fewer`,
  ),
  body_too_large: new PanelvecError('body_too_large', 'the chunks of the body have too many extensions'),
  malformed: new PanelvecError('invalid_request', 'this is not a readable HTTP request'),
};

const REASONS: Readonly<Record<string, AbortReason>> = {
  ECONNRESET: 'client_closed',
  EPIPE: 'client_closed',
  // The connection ended within a request.
  HPE_INVALID_EOF_STATE: 'client_closed',
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body_too_large',
};

/**
 * Responds to what fails below HTTP (a body that never ends, a broken request line) in the one form of errors. It writes to
 * the socket, since there may be no request object yet.
 */
export function createClientErrorHandler(aborts: RequestAborts) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    const reason = REASONS[error.code ?? ''] ?? 'malformed';
    aborts.setReason(socket, reason);
    const response = aborts.responseOn(socket);
    // A reset without a request may also be that of an idle connection.
    if (response === undefined && error.code !== 'ECONNRESET') aborts.recordUnrouted(reason);
    if (reason === 'client_closed' || reason === 'shutdown' || !socket.writable || response?.headersSent) {
      socket.destroy();
      return;
    }
    socket.end(formatRawResponse(ERRORS[reason]));
    // Closing over unread bytes would take the response back: read no more, and give it time to arrive.
    socket.pause();
    setTimeout(() => socket.destroy(), CLOSE_DELAY_MS).unref();
  };
}

/** Refuses `Expect` headers other than 100-continue, to which Node would respond with an empty 417. */
export function rejectExpectation(_: IncomingMessage, response: ServerResponse): void {
  const error = new PanelvecError('expectation_failed', 'only 100-continue can be expected');
  response.writeHead(statusOf(error), { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(toErrorResponse(error, randomUUID())));
}

function formatRawResponse(error: PanelvecError): string {
  const status = statusOf(error);
  const body = JSON.stringify(toErrorResponse(error, randomUUID()));
  const headerLines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${headerLines.join('\r\n')}\r\n\r\n${body}`;
}
