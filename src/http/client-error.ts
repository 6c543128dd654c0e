import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PanelvecError } from '../errors.ts';
import { errorAnswer } from './error-answer.ts';

/**
 * Answers what fails below HTTP (a body that never ends, a broken request line) in the one error form, straight to the
 * socket, since there may be no request object yet.
 */
export function handleClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new PanelvecError('request_timeout', 'the request was not sent in time')
      : new PanelvecError('invalid_request', 'this is not an HTTP request that can be read');
  const body = JSON.stringify(errorAnswer(problem, randomUUID()));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
