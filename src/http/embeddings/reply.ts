import type { FastifyReply, FastifyRequest } from 'fastify';
import { encodeNpy } from '../../formats/npy.ts';

export const NPY = 'application/x-npy';

/** Whether the client asked for a NumPy array rather than JSON. */
export function wantsNpy(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes(NPY);
}

/** Answers with rows as a float32 array (rows, dimensions); model and space, which it cannot hold, go to headers. */
export function sendNpy(
  reply: FastifyReply,
  rows: readonly Float32Array[],
  { model, space, dimensions }: { model: string; space: string; dimensions: number },
): FastifyReply {
  return reply
    .headers({ 'x-panelvec-model': model, 'x-panelvec-space': space })
    .type(NPY)
    .send(encodeNpy(rows, dimensions));
}

/** Aborted when the client goes away before its answer, so that nothing more is computed for it. */
export function abandonment(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
