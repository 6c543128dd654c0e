import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

const callbacksByResponse = new WeakMap<ServerResponse, (() => void)[]>();

/**
 * Calls a function when a response has been sent or its client has gone away: at once if that has happened already, as it may
 * while a hook waited. The event comes only once, so whoever listens too late would wait for ever. All functions share one
 * listener: with those of Fastify and of a stream that is sent, one for each would be more than Node takes for a leak.
 */
export function onResponseClosed({ raw }: Pick<FastifyReply, 'raw'>, callback: () => void): void {
  if (raw.closed) {
    callback();
    return;
  }
  const callbacks = callbacksByResponse.get(raw) ?? [];
  callbacks.push(callback);
  if (callbacksByResponse.has(raw)) return;
  callbacksByResponse.set(raw, callbacks);
  raw.once('close', () => {
    for (const callEach of callbacks) callEach();
  });
}
