import type { FastifyReply } from 'fastify';

/**
 * Calls a function when a response has been sent or its client has gone away: at once if that has happened already, as it may
 * while a hook waited. The event comes only once, so whoever listens too late would wait for ever.
 */
export function onResponseClosed({ raw }: Pick<FastifyReply, 'raw'>, callback: () => void): void {
  if (raw.closed) callback();
  else raw.once('close', callback);
}
