import { parse } from 'content-type';
import type { FastifyRequest } from 'fastify';
import { PanelvecError } from '../../errors.ts';

/**
 * How a body is read. An `unlabelled` one has no media type, or one that clients set without being asked (curl -d, fetch
 * with a string): its bytes decide.
 */
export type BodyKind = 'json' | 'form' | 'image' | 'unlabelled' | 'other';

export interface MediaType {
  readonly kind: BodyKind;
  /** Type and subtype in lower case; empty where the request names none */
  readonly essence: string;
  readonly charset: string | undefined;
  readonly boundary: string | undefined;
}

const JSON_TYPE = /^(application|text)\/([\w.-]+\+)?(x-)?json$/;
const UNLABELLED_TYPES: readonly string[] = [
  '',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  'binary/octet-stream',
  'text/plain',
];
/** UTF-16 needs a byte order mark, which decodeText reads. */
const CHARSETS: readonly string[] = ['utf-8', 'utf8', 'us-ascii', 'ascii', 'utf-16', 'utf-16le', 'utf-16be'];

export function parseMediaType(header = ''): MediaType {
  const { type, parameters } = parse(header);
  const essence = type.toLowerCase();
  return { kind: bodyKind(essence), essence, charset: parameters['charset'], boundary: parameters['boundary'] };
}

/** The kinds of bodies that a route accepts; none where it has no body. */
export function acceptedKinds({ routeOptions }: FastifyRequest): BodyKind[] {
  const { body, bodies } = routeOptions.schema ?? {};
  const types = bodies ? Object.keys(bodies) : body ? ['application/json'] : [];
  return [...new Set(types.map(bodyKind))];
}

/** @throws PanelvecError unsupported_media_type for text in a charset that is not read */
export function assertCharset({ charset }: Pick<MediaType, 'charset'>, param?: string): void {
  // A few clients quote the name by apostrophes.
  const name = charset?.trim().replaceAll(/^'|'$/g, '').toLowerCase();
  if (charset === undefined || name === undefined || name === '' || CHARSETS.includes(name)) return;
  throw new PanelvecError('unsupported_media_type', `the charset ${charset.slice(0, 32)} is not read: send UTF-8`, {
    param,
  });
}

function bodyKind(essence: string): BodyKind {
  if (JSON_TYPE.test(essence)) return 'json';
  if (essence === 'multipart/form-data') return 'form';
  if (essence.startsWith('image/')) return 'image';
  return UNLABELLED_TYPES.includes(essence) ? 'unlabelled' : 'other';
}
