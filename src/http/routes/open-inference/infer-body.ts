import type { FastifyRequest } from 'fastify';
import type { Config } from '../../../config.ts';
import { PanelvecError } from '../../../errors.ts';
import { isObject } from '../../../util/json.ts';
import { assertJsonLimits } from '../../json-limits.ts';
import { parse } from '../../validation.ts';
import { type InferRequest, inferRequestSchema } from './infer-schemas.ts';
import { INPUT_NAMES, OUTPUT_NAMES } from './model-tensors.ts';

/** Header with the length of the JSON before the binary tensors; without it the whole body is JSON */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

export interface InferBody {
  readonly request: InferRequest;
  /** The tensors after the JSON, in the order of the inputs that have a binary_data_size */
  readonly binary: Buffer;
}

/** Splits a body into its JSON, which is checked, and its binary tensors. @throws PanelvecError naming the field */
export function readInferBody(
  { headers, body }: FastifyRequest,
  { maxJsonBytes, maxTensorValues }: Pick<Config, 'maxJsonBytes' | 'maxTensorValues'>,
): InferBody {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const length = parseJsonLength(headers[JSON_LENGTH_HEADER], bytes.byteLength);
  if (length > maxJsonBytes) {
    throw new PanelvecError(
      'body_too_large',
      `the JSON has ${length} bytes, over ${maxJsonBytes}: send binary tensors`,
    );
  }
  const json = parseJson(bytes.subarray(0, length), maxTensorValues);
  assertMaxLength(json, 'inputs', INPUT_NAMES.length);
  assertMaxLength(json, 'outputs', OUTPUT_NAMES.length);
  const request = parse(inferRequestSchema, json);
  return { request, binary: bytes.subarray(length) };
}

function parseJsonLength(header: string | string[] | undefined, bodyBytes: number): number {
  if (header === undefined) return bodyBytes;
  const length = /^\d{1,15}$/.test(String(header)) ? Number(header) : Number.NaN;
  if (length <= bodyBytes) return length;
  const message = `"${String(header).slice(0, 32)}" is not a length of JSON in a body of ${bodyBytes} bytes`;
  throw new PanelvecError('invalid_request', message, { param: 'Inference-Header-Content-Length' });
}

/** Bounds a list before the schema, which would spend seconds on half a million tensors. @throws PanelvecError */
function assertMaxLength(json: unknown, field: 'inputs' | 'outputs', maxLength: number): void {
  const list = isObject(json) ? json[field] : undefined;
  if (!Array.isArray(list) || list.length <= maxLength) return;
  throw new PanelvecError('invalid_request', `${list.length} ${field}: there are ${maxLength}`, { param: field });
}

function parseJson(bytes: Buffer, maxValues: number): unknown {
  const text = bytes.toString('utf8');
  assertJsonLimits(text, maxValues);
  try {
    // A field such as __proto__ does no harm: the schema copies only the fields that it knows.
    return JSON.parse(text);
  } catch (cause) {
    throw new PanelvecError('invalid_json', 'the request is not JSON', { cause });
  }
}
