import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PanelvecError } from '../errors.ts';
import { errorAnswer } from './error-answer.ts';

const LINGER_MS = 1000;

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
  socket.end(answer(problem));
  // Read no more, and give the answer time to arrive: closing over unread bytes would take it back.
  socket.pause();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** For `Expect` headers other than 100-continue, which Node would answer with an empty 417. */
export function refuseExpectation(_: IncomingMessage, response: ServerResponse): void {
  const problem = new PanelvecError('expectation_failed', 'only 100-continue can be expected');
  response.writeHead(problem.status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(errorAnswer(problem, randomUUID())));
}

function answer(problem: PanelvecError): string {
  const body = JSON.stringify(errorAnswer(problem, randomUUID()));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
