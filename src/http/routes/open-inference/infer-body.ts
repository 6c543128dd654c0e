import type { FastifyRequest } from 'fastify';
import type { Config } from '../../../config.ts';
import { PanelvecError } from '../../../errors.ts';
import { isObject } from '../../../util/json.ts';
import { parseJsonBytes } from '../../body/json-body.ts';
import { JSON_LENGTH_HEADER } from '../../body/read-body.ts';
import { parse } from '../../validation.ts';
import { type InferRequest, inferRequestSchema } from './infer-schemas.ts';
import { INPUT_NAMES, OUTPUT_NAMES } from './model-tensors.ts';

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
  // A field such as __proto__ does no harm: the schema copies only the fields that it knows.
  const json = parseJsonBytes(bytes.subarray(0, length), { maxValues: maxTensorValues, ignoresUnknownFields: true });
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
