import type { IncomingMessage } from 'node:http';
import fp from 'fastify-plugin';
import { PanelvecError } from '../../errors.ts';
import { onResponseClosed } from '../on-response-closed.ts';
import type { RequestAborts } from '../request-aborts.ts';

/** By then another replica has taken over. */
const RETRY_AFTER_SECONDS = 5;
const CHECK_INTERVAL_MS = 50;

/**
 * Closes the app without losing a request. New requests are refused in the one form of errors and accepted ones get their
 * response; then every connection is ended, also those that never sent a request. A client that still sends its body after
 * `graceMs` is cut off: Node no longer looks for slow senders once its server closes.
 */
export const gracefulShutdown = fp<{ aborts: RequestAborts; graceMs: number }>(async (app, { aborts, graceMs }) => {
  const activeRequests = new Set<IncomingMessage>();
  let isClosing = false;

  function cutOff(raw: IncomingMessage): void {
    aborts.setReason(raw.socket, 'shutdown');
    raw.destroy();
  }

  app.addHook('onRequest', async (request, reply) => {
    activeRequests.add(request.raw);
    onResponseClosed(reply, () => activeRequests.delete(request.raw));
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
      if (performance.now() > deadline) for (const raw of activeRequests) if (!raw.complete) cutOff(raw);
      if (activeRequests.size === 0) app.server.closeAllConnections();
    }, CHECK_INTERVAL_MS);
    app.server.once('close', () => clearInterval(timer));
  });
});
