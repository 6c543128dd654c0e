import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EmbeddedPanel } from '../../embedding/embedder.ts';
import { encodeNpy } from '../../formats/npy.ts';
import { listAnswer, mainVector, modelFields } from './answer.ts';
import type { ResolvedOptions } from './options.ts';

export const NPY = 'application/x-npy';

/** The panels as a list, or as a NumPy array of their first outputs where the client asked for one. */
export function sendList(
  request: FastifyRequest,
  reply: FastifyReply,
  panels: readonly EmbeddedPanel[],
  options: ResolvedOptions,
): FastifyReply {
  if (!wantsNpy(request)) return reply.send(listAnswer(panels, options));
  return sendNpy(
    reply,
    panels.map((panel) => mainVector(panel, options)),
    modelFields(options),
  );
}

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
