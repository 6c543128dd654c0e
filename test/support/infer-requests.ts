import assert from 'node:assert/strict';
import { openInferenceErrorSchema } from '../../src/http/error-response.ts';
import type { InferTensor } from './infer-client.ts';

/** A request body of the Open Inference Protocol, valid or not. */
export interface InferBody {
  /** A string is sent as it is. */
  readonly json: unknown;
  /** Data after the JSON */
  readonly binary?: Uint8Array;
  /** Sent in place of the true length of the JSON */
  readonly jsonLength?: string;
  readonly contentType?: string;
}

export function postInfer(
  address: string,
  model: string,
  { json, binary, jsonLength, contentType }: InferBody,
): Promise<Response> {
  const text = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  const isBinary = binary !== undefined || jsonLength !== undefined;
  return fetch(`${address}/v2/models/${model}/infer`, {
    method: 'POST',
    headers: {
      'content-type': contentType ?? (isBinary ? 'application/octet-stream' : 'application/json'),
      ...(isBinary && { 'inference-header-content-length': jsonLength ?? String(text.byteLength) }),
    },
    body: Buffer.concat([text, binary ?? Buffer.alloc(0)]),
  });
}

/** Asserts an error of one line in the protocol's form, with this status, code and field, and no internals of the server. */
export async function assertInferRefused(
  response: Response,
  status: number,
  code: string,
  param: string | null,
  message = /./,
): Promise<void> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  const error = openInferenceErrorSchema.parse(JSON.parse(text));
  assert.deepEqual({ code: error.code, param: error.param }, { code, param }, error.error);
  assert.match(error.error, message);
  assert.doesNotMatch(text, /node_modules|\.ts:|\\n/);
  // A malformed URL is refused before any header is set.
  assert.equal(error.request_id, response.headers.get('x-request-id') ?? error.request_id);
}

const ARRAYS = {
  FP32: (values: readonly number[]) => Float32Array.from(values),
  FP64: (values: readonly number[]) => Float64Array.from(values),
  INT64: (values: readonly number[]) => BigInt64Array.from(values, BigInt),
  INT32: (values: readonly number[]) => Int32Array.from(values),
  UINT8: (values: readonly number[]) => Uint8Array.from(values),
  BOOL: (values: readonly number[]) => Uint8Array.from(values),
};
export type InferDatatype = keyof typeof ARRAYS;

/** A tensor with its elements, for either form of request. */
export interface TensorWithValues {
  readonly name: string;
  readonly datatype: InferDatatype;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export const tensor = (
  name: string,
  datatype: InferDatatype,
  shape: readonly number[],
  values: readonly number[],
): TensorWithValues => ({ name, datatype, shape, values });

export function toJsonTensor({ name, datatype, shape, values }: TensorWithValues): InferTensor {
  return { name, datatype, shape, data: datatype === 'BOOL' ? values.map((value) => value === 1) : values };
}

export function toBytes({ datatype, values }: TensorWithValues): Buffer {
  return Buffer.from(ARRAYS[datatype](values).buffer);
}

/** Makes a request body with all inputs as binary data. */
export function toBinaryBody(tensors: readonly TensorWithValues[], request: object = {}): InferBody {
  const inputs = tensors.map((tensor) => {
    const { name, datatype, shape } = tensor;
    return { name, datatype, shape, parameters: { binary_data_size: toBytes(tensor).byteLength } };
  });
  return { json: { ...request, inputs }, binary: Buffer.concat(tensors.map(toBytes)) };
}
