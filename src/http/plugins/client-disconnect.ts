import type { FastifyReply } from 'fastify';

/** Aborted when the client goes away before its answer, so that what has not begun for it never does. */
export function clientDisconnectSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
