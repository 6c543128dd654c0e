import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Admission } from '../../embedding/admission.ts';
import { PanelvecError } from '../../errors.ts';
import type { Services } from '../../services.ts';

const ASSUMED_BODY_BYTES = 4 * 2 ** 20;

/**
 * What is refused before a body is read, because reading it is what would fill the memory: calls into a full house,
 * bodies that together are too large, bodies of a type that the call does not take.
 */
export function registerRequestLimits(app: FastifyInstance, { config, embedder }: Services): void {
  const bodyAdmission = new Admission(config.maxBodiesBytes, 'bytes');

  app.addHook('onRequest', async (request, reply) => {
    assertMediaType(request);
    const bodyBytes = declaredBodyBytes(request);
    if (bodyBytes === 0) return;
    if (bodyBytes > config.maxBodyBytes) {
      throw new PanelvecError('body_too_large', `the body has ${bodyBytes} bytes, over ${config.maxBodyBytes}`);
    }
    embedder.admission.assertNotFull();
    reply.raw.once('close', bodyAdmission.reserve(bodyBytes));
  });

  /** A body whose length is not said counts as a usual one: it may be anything up to the limit. */
  function declaredBodyBytes({ headers }: FastifyRequest): number {
    if (headers['transfer-encoding'] !== undefined) return Math.min(ASSUMED_BODY_BYTES, config.maxBodyBytes);
    const length = Number(headers['content-length'] ?? 0);
    return Number.isFinite(length) ? length : 0;
  }
}

/** @throws PanelvecError unsupported_media_type */
function assertMediaType({ headers, routeOptions }: FastifyRequest): void {
  const { bodies } = routeOptions.schema ?? {};
  const header = headers['content-type'];
  if (bodies === undefined || header === undefined) return;
  const type = header.split(';')[0]!.trim().toLowerCase();
  if (Object.hasOwn(bodies, type)) return;
  const message = `${type.slice(0, 64)} is not taken here: send ${Object.keys(bodies).join(', ')}`;
  throw new PanelvecError('unsupported_media_type', message);
}
