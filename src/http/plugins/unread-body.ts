import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

const DEFAULT_MAX_UNREAD_BYTES = 2 ** 30;

export interface UnreadBodyOptions {
  /** So much of a refused body is read and thrown away. A client that sends more may not see its response. */
  readonly maxUnreadBytes?: number;
}

/**
 * Lets a response arrive that is sent before its request was read: closing over unread bytes would reset the connection,
 * and many clients read only when they have sent everything. So the response is written at once, but it ends only with the
 * body. Node's request timeout bounds the wait. A client that asks first (Expect: 100-continue) need not send a refused body.
 */
export const unreadBody = fp<UnreadBodyOptions>(async (app, { maxUnreadBytes = DEFAULT_MAX_UNREAD_BYTES }) => {
  const continuedRequests = new WeakSet<FastifyRequest>();
  app.server.on('checkContinue', (request, response) => app.server.emit('request', request, response));

  app.addHook('preParsing', async (request, reply, payload) => {
    if (request.headers.expect !== undefined) {
      continuedRequests.add(request);
      reply.raw.writeContinue();
    }
    return payload;
  });
  app.addHook('onSend', async (request, reply, payload) => {
    // Fastify closes the connection after every error in a body, which is not needed once the body is read. Where it does not,
    // removing the header would take Keep-Alive along, without which clients close idle connections after a few seconds.
    if (reply.hasHeader('connection')) reply.removeHeader('connection');
    if (request.raw.complete || payload === null || payload === undefined) return payload;
    if (request.headers.expect !== undefined && !continuedRequests.has(request)) {
      reply.header('connection', 'close');
      return payload;
    }
    if (typeof payload === 'string') reply.header('content-length', Buffer.byteLength(payload));
    return Readable.from(thenDrain(payload, request.raw, reply.raw), { objectMode: false });
  });

  async function* thenDrain(
    payload: unknown,
    request: IncomingMessage,
    response: ServerResponse,
  ): AsyncGenerator<Buffer, void> {
    if (payload instanceof Readable) yield* payload;
    else if (typeof payload === 'string' || Buffer.isBuffer(payload)) yield Buffer.from(payload);
    // A response to HEAD has no bytes that would take the headers with them.
    response.flushHeaders();
    await drain(request);
  }

  /** Reads the rest of a request and throws it away. Ends also when the client goes away. */
  function drain(request: IncomingMessage): Promise<void> {
    return new Promise((resolve) => {
      let unreadBytes = 0;
      request.on('data', (chunk: Buffer) => {
        unreadBytes += chunk.byteLength;
        if (unreadBytes > maxUnreadBytes) request.destroy();
      });
      request.once('end', resolve);
      request.once('close', resolve);
      if (request.readableEnded || request.destroyed) resolve();
      // Of a reader that gave up midway. It would keep the request paused.
      request.removeAllListeners('readable');
      request.resume();
    });
  }
});
