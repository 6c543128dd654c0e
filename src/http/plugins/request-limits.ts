import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { Admission } from '../../embedding/admission.ts';
import { PanelvecError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { CONTENT_ENCODINGS, decompress, parseContentEncoding } from '../body/content-encoding.ts';
import { acceptedKinds, assertCharset, parseMediaType } from '../body/media-type.ts';
import { JSON_LENGTH_HEADER, jsonTooLargeError } from '../body/read-body.ts';
import { bodyTooLargeError } from '../body/read-bytes.ts';
import { onResponseClosed } from '../on-response-closed.ts';
import { RequestTurns } from '../request-turns.ts';
import { Reservation } from '../reservation.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether a route takes texts alone, which have a limit of their own. */
    takesOnlyTexts?: boolean;
  }

  interface FastifyReply {
    /** Counts bytes that are not in the body, like those of bodies, until the response is sent. @throws PanelvecError queue_full */
    reserveBytes(): Reservation;
  }
}

const ASSUMED_BODY_BYTES = 4 * 2 ** 20;
/** At most so many bytes beyond those received are reserved for a body that is longer than its headers say. */
const MAX_RESERVE_STEP_BYTES = 2 ** 20;

/**
 * Refuses requests before their body is read, because reading it is what would fill the memory: requests beyond the
 * capacity of the queue, bodies that are too large alone or together, bodies of a media type that the route does not accept.
 * A body whose length its headers do not tell is counted while it is received.
 */
export const requestLimits = fp<Pick<Services, 'config' | 'embedder' | 'metrics'>>(async (app, services) => {
  const { config, embedder, metrics } = services;
  const { maxBodyBytes, maxJsonBytes } = config;
  const { waitAdmission } = embedder;
  const bodyAdmission = new Admission(config.maxBodiesBytes, 'bytes', () => {
    metrics.embedding.recordRefused('bytes');
    return waitAdmission.promiseRetry('pictures');
  });
  const turns = new RequestTurns();
  const reservations = new WeakMap<FastifyRequest, Reservation>();

  app.decorateReply('reserveBytes', function () {
    const reservation = new Reservation(bodyAdmission, 0);
    onResponseClosed(this, () => reservation.release());
    return reservation;
  });

  app.addHook('onRequest', async (request, reply) => {
    assertQueryEncoding(request.url);
    // Fastify would refuse it without a hint.
    if (request.headers['content-type'] === '') delete request.raw.headers['content-type'];
    const bodyBytes = declaredBodyBytes(request, maxBodyBytes);
    if (bodyBytes === 0) return;
    await turns.next();
    assertMediaType(request);
    if (bodyBytes > maxBodyBytes) throw bodyTooLargeError(maxBodyBytes);
    if (isJsonAlone(request) && bodyBytes > maxJsonBytes) throw jsonTooLargeError(request, maxJsonBytes);
    const { takesOnlyTexts = false, access } = request.routeOptions.config;
    (takesOnlyTexts ? embedder.textAdmission : embedder.admission).assertNotFull();
    // A search may need nothing computed.
    if (access === 'embed') {
      const kind = takesOnlyTexts ? 'texts' : 'pictures';
      const client = { connection: request.socket, request: describeRequest(request) };
      const place = waitAdmission.hold({ ...request.schedule, kind, bodyBytes, client });
      request.schedule.place = place;
      onResponseClosed(reply, () => waitAdmission.drop(place));
    }
    const reservation = new Reservation(bodyAdmission, bodyBytes);
    reservations.set(request, reservation);
    onResponseClosed(reply, () => reservation.release());
  });

  app.addHook('preParsing', async (request, reply, payload: Readable) => {
    const reservation = reservations.get(request);
    if (reservation === undefined) return payload;
    const encoding = readContentEncoding(request, reply);
    if (encoding === undefined && request.headers['transfer-encoding'] === undefined) return payload;
    const chunks =
      encoding === undefined ? payload.iterator({ destroyOnReturn: false }) : decompress(payload, encoding);
    return Readable.from(countBytes(chunks, reservation), { objectMode: false });
  });
});

/** Reserves memory for a body as it outgrows what its headers say. @throws PanelvecError queue_full */
async function* countBytes(chunks: AsyncIterable<Buffer>, reservation: Reservation): AsyncGenerator<Buffer, void> {
  let receivedBytes = 0;
  for await (const chunk of chunks) {
    receivedBytes += chunk.byteLength;
    if (receivedBytes > reservation.amount) {
      reservation.resize(receivedBytes + Math.min(receivedBytes, MAX_RESERVE_STEP_BYTES));
    }
    yield chunk;
  }
}

/** Refuses escapes that are no UTF-8, which the parser of queries would leave as they are. @throws PanelvecError */
function assertQueryEncoding(url: string): void {
  try {
    decodeURIComponent(url);
  } catch (cause) {
    throw new PanelvecError('invalid_request', 'the URL has a percent sign that begins no UTF-8 character', { cause });
  }
}

/** Bytes of the body by its headers. One that comes in chunks may have anything up to the limit and counts as a usual one. */
function declaredBodyBytes({ headers }: FastifyRequest, maxBodyBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return Math.min(ASSUMED_BODY_BYTES, maxBodyBytes);
  const length = Number(headers['content-length'] ?? 0);
  return Number.isFinite(length) ? length : 0;
}

/** What a request has in common with its next try, and with few others: bodies of pictures differ in length. */
function describeRequest({ caller, ip, routeOptions, headers }: FastifyRequest): string | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : `${caller.keyId ?? ip} ${routeOptions.url} ${length}`;
}

/** @throws PanelvecError unsupported_media_type, with the encodings that are read in a header of the response */
function readContentEncoding({ headers }: FastifyRequest, reply: FastifyReply) {
  try {
    return parseContentEncoding(headers['content-encoding']);
  } catch (error) {
    reply.header('accept-encoding', CONTENT_ENCODINGS.join(', '));
    throw error;
  }
}

/** Whether the body has declared that it is JSON and nothing else. */
function isJsonAlone({ headers }: FastifyRequest): boolean {
  const { kind } = parseMediaType(headers['content-type']);
  return kind === 'json' && headers[JSON_LENGTH_HEADER] === undefined && headers['transfer-encoding'] === undefined;
}

/** @throws PanelvecError unsupported_media_type */
function assertMediaType(request: FastifyRequest): void {
  const { schema } = request.routeOptions;
  const mediaType = parseMediaType(request.headers['content-type']);
  const transferEncoding = request.headers['transfer-encoding'] ?? 'chunked';
  if (transferEncoding.trim().toLowerCase() !== 'chunked') {
    throw new PanelvecError(
      'unsupported_media_type',
      `the transfer encoding ${transferEncoding.slice(0, 64)} is not read`,
    );
  }
  const kinds = acceptedKinds(request);
  if (kinds.length === 0) return;
  if (mediaType.kind !== 'unlabelled' && !kinds.includes(mediaType.kind)) {
    const types = schema?.bodies ? Object.keys(schema.bodies) : ['application/json'];
    const message = `${mediaType.essence.slice(0, 64)} is not accepted here: send ${types.join(', ')}`;
    throw new PanelvecError('unsupported_media_type', message);
  }
  if (mediaType.kind !== 'image') assertCharset(mediaType);
}
