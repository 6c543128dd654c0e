import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from '../metrics/metrics.ts';
import { onResponseClosed } from './on-response-closed.ts';

/** What ended a request without its response, and the status that its metric has where no response had begun */
const ABORT_STATUS = {
  /** nginx's number: no standard status says it, and nobody is left to read it */
  client_closed: 499,
  timeout: 408,
  malformed: 400,
  headers_too_large: 431,
  body_too_large: 413,
  shutdown: 503,
} as const;

export type AbortReason = keyof typeof ABORT_STATUS;

/** The route of requests that reached none */
const UNKNOWN_ROUTE = 'unknown';

/** Counts requests whose connection ended before their response, with what ended it. */
export class RequestAborts {
  readonly #metrics: Metrics;
  readonly #reasons = new WeakMap<Socket, AbortReason>();
  readonly #responses = new WeakMap<Socket, ServerResponse>();
  readonly #observed = new WeakSet<ServerResponse>();
  readonly #aborted = new WeakSet<ServerResponse>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** Watches a request until its response has been sent. */
  watch(request: FastifyRequest, reply: FastifyReply): void {
    const { socket } = request.raw;
    const response = reply.raw;
    this.#responses.set(socket, response);
    onResponseClosed(reply, () => {
      if (this.#responses.get(socket) === response) this.#responses.delete(socket);
      if (response.writableFinished) return;
      this.#observed.add(response);
      const reason = this.#reasons.get(socket) ?? 'client_closed';
      const status = response.headersSent ? response.statusCode : ABORT_STATUS[reason];
      const route = request.routeOptions.url ?? UNKNOWN_ROUTE;
      this.#metrics.observeRequest(request.method, route, status, reply.elapsedTime / 1000);
      // A client leaves a stream of events when it has seen enough.
      if (String(response.getHeader('content-type')).startsWith('text/event-stream')) return;
      this.#aborted.add(response);
      this.#metrics.recordAbort(route, reason);
      request.log.info({ route, status, reason }, 'the connection ended before the response');
    });
  }

  /** Whether the metric of requests has a response already, because nobody took it to its end. */
  isObserved(reply: FastifyReply): boolean {
    return this.#observed.has(reply.raw);
  }

  /** Whether a response was counted as one that ended too early. */
  has(reply: FastifyReply): boolean {
    return this.#aborted.has(reply.raw);
  }

  /** Says why the service ends a connection. The first reason counts. */
  setReason(socket: Socket, reason: AbortReason): void {
    if (!this.#reasons.has(socket)) this.#reasons.set(socket, reason);
  }

  /** Counts a request that never became one. */
  recordUnrouted(reason: AbortReason): void {
    this.#metrics.recordAbort(UNKNOWN_ROUTE, reason);
  }

  /** The response to the request in progress on a connection. */
  responseOn(socket: Socket): ServerResponse | undefined {
    return this.#responses.get(socket);
  }
}
