import type { FastifyReply } from 'fastify';

/**
 * A signal that aborts when the client goes away before its response, so that work nobody waits for is not begun.
 * Fastify's `request.signal` does not serve: it follows the request, which Node closes as soon as its body is read.
 */
export function clientDisconnectSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const abortIfUnsent = () => {
    if (!reply.raw.writableFinished) controller.abort();
  };
  // It may have gone while its body was parsed.
  if (reply.raw.closed) abortIfUnsent();
  else reply.raw.once('close', abortIfUnsent);
  return controller.signal;
}
