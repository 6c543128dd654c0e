import type {} from '@fastify/accepts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EmbeddedPanel } from '../../../embedding/embedder.ts';
import { PanelvecError } from '../../../errors.ts';
import { encodeNpy } from '../../../files/npy.ts';
import { sendJsonList } from '../../send-json-list.ts';
import { textHeaders } from '../../text-headers.ts';
import type { ResolvedOptions } from './embedding-options.ts';
import { toEmbedding, toListFields, toModelFields } from './embedding-response.ts';
import { firstOutputVector } from './vector-response.ts';

export const NPY_MEDIA_TYPE = 'application/x-npy';
/** What a client can choose from; JSON where it has no preference */
const MEDIA_TYPES = ['application/json', NPY_MEDIA_TYPE];
/** A range of Accept that JSON is in, with a weight of zero */
const REFUSED_JSON = /(^|,)\s*(application\/(json|\*)|\*\/\*)\s*;[^,]*\bq\s*=\s*0(\.0*)?\s*(,|;|$)/i;

/** A parameter of a type other than its weight, such as `charset=utf-8` */
const TYPE_PARAMETER = /;(?!\s*q\s*=)[^;,"]*("[^"]*")?/gi;

/** Sends the panels as a list, or as a NumPy array of their first outputs where the client prefers that. */
export function sendEmbeddings(
  request: FastifyRequest,
  reply: FastifyReply,
  panels: readonly EmbeddedPanel[],
  options: ResolvedOptions,
): FastifyReply {
  reply.headers(textHeaders(panels));
  if (!acceptsNpy(request)) {
    return sendJsonList(reply, toListFields(panels, options), panels, (panel, index) =>
      toEmbedding(panel, index, options),
    );
  }
  return sendNpy(
    reply,
    panels.map((panel) => firstOutputVector(panel, options)),
    toModelFields(options),
  );
}

/** Whether the client prefers a NumPy array to JSON. @throws PanelvecError not_acceptable where it refuses both */
export function acceptsNpy(request: FastifyRequest): boolean {
  const preferred = preferredType(request, MEDIA_TYPES);
  // Clients ask for text/html or for a JSON of their own and read JSON, so only who says no to JSON is refused.
  if (preferred === false && REFUSED_JSON.test(request.headers.accept ?? '')) {
    throw new PanelvecError('not_acceptable', `the responses are ${MEDIA_TYPES.join(' or ')}`, { param: 'Accept' });
  }
  return preferred === NPY_MEDIA_TYPE;
}

export function acceptsJson(request: FastifyRequest): boolean {
  return preferredType(request, ['application/json']) !== false;
}

/**
 * The type that the client prefers. Neither format has parameters, and the negotiator would not know
 * `application/json;charset=utf-8` for JSON.
 */
function preferredType(request: FastifyRequest, types: string[]) {
  const { headers } = request.raw;
  if (headers.accept !== undefined) headers.accept = headers.accept.replaceAll(TYPE_PARAMETER, '');
  return request.accepts().type(types);
}

/** Sends rows as a float32 array (rows, dimensions). Headers name the model and space, which it cannot hold. */
export function sendNpy(
  reply: FastifyReply,
  rows: readonly Float32Array[],
  { model, space, dimensions }: { model: string; space: string; dimensions: number },
): FastifyReply {
  return reply
    .headers({ 'x-panelvec-model': model, 'x-panelvec-space': space })
    .type(NPY_MEDIA_TYPE)
    .send(encodeNpy(rows, dimensions));
}
