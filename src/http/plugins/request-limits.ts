import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { Admission } from '../../embedding/admission.ts';
import { PanelvecError } from '../../errors.ts';
import type { Services } from '../../services.ts';

const ASSUMED_BODY_BYTES = 4 * 2 ** 20;

/**
 * Refuses requests before their body is read, because reading it is what would fill the memory: requests beyond the
 * capacity of the queue, bodies that are too large alone or together, bodies of a media type that the route does not accept.
 */
export const requestLimits = fp<Pick<Services, 'config' | 'embedder'>>(async (app, { config, embedder }) => {
  const bodyAdmission = new Admission(config.maxBodiesBytes, 'bytes');

  app.addHook('onRequest', async (request, reply) => {
    assertMediaType(request);
    const bodyBytes = declaredBodyBytes(request, config.maxBodyBytes);
    if (bodyBytes === 0) return;
    if (bodyBytes > config.maxBodyBytes) {
      throw new PanelvecError('body_too_large', `the body has ${bodyBytes} bytes, over ${config.maxBodyBytes}`);
    }
    embedder.admission.assertNotFull();
    reply.raw.once('close', bodyAdmission.reserve(bodyBytes));
  });
});

/** Bytes of the body by its headers. One that comes in chunks may have anything up to the limit and counts as a usual one. */
function declaredBodyBytes({ headers }: FastifyRequest, maxBodyBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return Math.min(ASSUMED_BODY_BYTES, maxBodyBytes);
  const length = Number(headers['content-length'] ?? 0);
  return Number.isFinite(length) ? length : 0;
}

/** @throws PanelvecError unsupported_media_type */
function assertMediaType({ headers, routeOptions }: FastifyRequest): void {
  const { body, bodies } = routeOptions.schema ?? {};
  const accepted = bodies ? Object.keys(bodies) : body ? ['application/json'] : undefined;
  const header = headers['content-type'];
  if (accepted === undefined || header === undefined) return;
  const [essence = ''] = header.split(';', 1);
  const type = essence.trim().toLowerCase();
  if (accepted.includes(type)) return;
  const message = `${type.slice(0, 64)} is not accepted here: send ${accepted.join(', ')}`;
  throw new PanelvecError('unsupported_media_type', message);
}
