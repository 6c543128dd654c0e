import type { FastifyReply } from 'fastify';
import { onResponseClosed } from './on-response-closed.ts';

/**
 * A signal that aborts when the client goes away before its response, or its deadline passes, so that work nobody waits for is
 * not begun.
 * Fastify's `request.signal` does not serve: it follows the request, which Node closes as soon as its body is read.
 */
export function clientDisconnectSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  onResponseClosed(reply, () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  const { deadlineSignal } = reply.request;
  return deadlineSignal ? AbortSignal.any([controller.signal, deadlineSignal]) : controller.signal;
}
