import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { PanelvecError } from '../../errors.ts';
import type { ContentHash } from './content-hash.ts';
import { parseJsonBytes } from './json-body.ts';
import { acceptedKinds, parseMediaType } from './media-type.ts';
import { type MultipartLimits, readMultipartForm } from './multipart-form.ts';
import { bodyTooLargeError, readBytes } from './read-bytes.ts';

/** Header with the length of the JSON before binary tensors; without it the whole body is JSON */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

export interface BodyLimits extends MultipartLimits {
  readonly maxJsonValues: number;
}

/**
 * Reads the body of a request: JSON as its value, a form as a MultipartForm, an image as a Buffer. A route that takes
 * application/octet-stream gets the bytes. @throws PanelvecError
 * @param hash gets what the body holds, without the boundaries of a form, which clients choose at random
 */
export async function readBody(
  request: FastifyRequest,
  payload: Readable,
  limits: BodyLimits,
  hash?: ContentHash,
): Promise<unknown> {
  const { kind, boundary } = parseMediaType(request.headers['content-type']);
  const { maxBodyBytes, maxJsonBytes, maxJsonValues } = limits;
  if (kind === 'form') return readMultipartForm(request, payload, { ...limits, boundary, hash });
  if (kind === 'json' && !takesBytes(request)) {
    const tooLargeError = () => jsonTooLargeError(request, maxJsonBytes);
    const bytes = await readBytes(payload, { maxBytes: maxJsonBytes, tooLargeError }, hash);
    // Some clients name a type for every POST, also where there is nothing to send.
    if (bytes.byteLength === 0 && acceptedKinds(request).length === 0) return undefined;
    return parseJsonBytes(bytes, { maxValues: maxJsonValues });
  }
  const tooLargeError = () => bodyTooLargeError(maxBodyBytes);
  const bytes = await readBytes(payload, { maxBytes: maxBodyBytes, tooLargeError }, hash);
  return kind === 'image' || takesBytes(request) ? bytes : readUnlabelledBody(request, bytes, limits);
}

/** Whether the route reads its body itself, which is JSON and binary data. */
function takesBytes(request: FastifyRequest): boolean {
  return acceptedKinds(request).includes('unlabelled');
}

/** An error that tells how to send more than JSON may have. */
export function jsonTooLargeError(request: FastifyRequest, maxJsonBytes: number): PanelvecError {
  const kinds = acceptedKinds(request);
  const remedy = kinds.includes('form')
    ? 'send the images as files of a multipart form'
    : takesBytes(request)
      ? 'send binary tensors'
      : 'send several requests';
  return new PanelvecError('body_too_large', `the JSON has over ${maxJsonBytes} bytes: ${remedy}`);
}

/** Takes JSON, or an image where the route accepts images, by the first bytes. */
function readUnlabelledBody(request: FastifyRequest, bytes: Buffer, limits: BodyLimits): unknown {
  const kinds = acceptedKinds(request);
  if (bytes.byteLength === 0 && kinds.length === 0) return undefined;
  const begin = bytes.toString('latin1', 0, MAX_BEGIN_BYTES);
  if (JSON_BEGIN.test(begin)) {
    if (bytes.byteLength > limits.maxJsonBytes) throw jsonTooLargeError(request, limits.maxJsonBytes);
    return parseJsonBytes(bytes, { maxValues: limits.maxJsonValues });
  }
  if (kinds.includes('image')) return bytes;
  const message = "this body is not JSON: send JSON, with the header 'content-type: application/json'";
  throw new PanelvecError('unsupported_media_type', message);
}

const MAX_BEGIN_BYTES = 256;
/** A brace or bracket after an optional byte order mark, in UTF-8 or UTF-16, with its bytes read as Latin-1. */
const JSON_BEGIN = /^(\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)?[\s\0]*[[{]/;
