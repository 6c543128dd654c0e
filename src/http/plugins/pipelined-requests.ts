import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import fp from 'fastify-plugin';
import { onResponseClosed } from '../on-response-closed.ts';

/**
 * Handles one request of a connection at a time. Node hands over all that a client has pipelined: thousands of small requests from one
 * packet would run together, and nothing else meanwhile. Their responses go out in order anyway, so no client gets its last one later.
 */
export const pipelinedRequests = fp(async (app) => {
  const lastResponses = new WeakMap<Socket, ServerResponse>();

  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    const previous = lastResponses.get(socket);
    lastResponses.set(socket, reply.raw);
    if (previous === undefined || previous.closed) {
      done();
      return;
    }
    onResponseClosed({ raw: previous }, () => {
      // Other connections get their turn between two requests.
      setImmediate(() => {
        if (!socket.destroyed) done();
      });
    });
  });
});
