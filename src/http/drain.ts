import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { PanelvecError } from '../errors.ts';

/** By then another replica has taken over. */
const RETRY_AFTER_STOP_SECONDS = 5;
const CHECK_MS = 50;

/**
 * What happens to requests and connections when the app closes. New requests are refused in our own form; accepted ones
 * are answered; then every connection is ended, also those that never sent a request. Who is still sending a body after
 * `graceMs` is cut off: Node stops looking for slow senders once its server closes.
 */
export function registerDrain(app: FastifyInstance, graceMs: number): void {
  const active = new Set<IncomingMessage>();
  let closing = false;

  app.addHook('onRequest', async (request, reply) => {
    active.add(request.raw);
    reply.raw.once('close', () => active.delete(request.raw));
    if (!closing) return;
    throw new PanelvecError('shutting_down', 'the service is stopping', {
      retryAfterSeconds: RETRY_AFTER_STOP_SECONDS,
    });
  });
  app.addHook('onSend', async (_, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  app.addHook('preClose', async () => {
    closing = true;
    const patienceEnds = performance.now() + graceMs;
    const timer = setInterval(() => {
      if (performance.now() > patienceEnds) for (const raw of active) if (!raw.complete) raw.destroy();
      if (active.size === 0) app.server.closeAllConnections();
    }, CHECK_MS);
    app.server.once('close', () => clearInterval(timer));
  });
}
