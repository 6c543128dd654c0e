import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PanelvecError } from '../errors.ts';
import { toErrorResponse } from './error-response.ts';
import { statusOf } from './error-status.ts';

const CLOSE_DELAY_MS = 1000;

/**
 * Responds to what fails below HTTP (a body that never ends, a broken request line) in the one form of errors. It writes to
 * the socket, since there may be no request object yet.
 */
export function handleClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const clientError =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new PanelvecError('request_timeout', 'the request was not sent in time')
      : new PanelvecError('invalid_request', 'this is not a readable HTTP request');
  socket.end(formatRawResponse(clientError));
  // Closing over unread bytes would take the response back: read no more, and give it time to arrive.
  socket.pause();
  setTimeout(() => socket.destroy(), CLOSE_DELAY_MS).unref();
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
