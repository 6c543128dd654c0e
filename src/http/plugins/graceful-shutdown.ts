import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { PanelvecError } from '../../errors.ts';

/** By then another replica has taken over. */
const RETRY_AFTER_SECONDS = 5;
const CHECK_INTERVAL_MS = 50;

/**
 * What happens to requests and connections when the app closes. New requests are refused in our own form; accepted ones
 * are answered; then every connection is ended, also those that never sent a request. Who is still sending a body after
 * `graceMs` is cut off: Node stops looking for slow senders once its server closes.
 */
export function registerGracefulShutdown(app: FastifyInstance, graceMs: number): void {
  const activeRequests = new Set<IncomingMessage>();
  let isClosing = false;

  app.addHook('onRequest', async (request, reply) => {
    activeRequests.add(request.raw);
    reply.raw.once('close', () => activeRequests.delete(request.raw));
    if (!isClosing) return;
    throw new PanelvecError('shutting_down', 'the service is stopping', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  });
  app.addHook('onSend', async (_, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
  app.addHook('preClose', async () => {
    isClosing = true;
    const deadline = performance.now() + graceMs;
    const timer = setInterval(() => {
      if (performance.now() > deadline) for (const raw of activeRequests) if (!raw.complete) raw.destroy();
      if (activeRequests.size === 0) app.server.closeAllConnections();
    }, CHECK_INTERVAL_MS);
    app.server.once('close', () => clearInterval(timer));
  });
}
