import assert from 'node:assert/strict';
import { openErrorSchema } from '../../src/http/error-answer.ts';
import type { OpenTensor } from './open-inference.ts';

/** A body of the Open Inference Protocol, whatever is wrong with it. */
export interface OpenBody {
  /** Text goes as it is */
  readonly json: unknown;
  /** What stands behind the JSON */
  readonly tail?: Uint8Array;
  /** In place of the true length of the JSON */
  readonly length?: string;
  readonly type?: string;
}

export function postOpen(address: string, model: string, { json, tail, length, type }: OpenBody): Promise<Response> {
  const text = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  const binary = tail !== undefined || length !== undefined;
  return fetch(`${address}/v2/models/${model}/infer`, {
    method: 'POST',
    headers: {
      'content-type': type ?? (binary ? 'application/octet-stream' : 'application/json'),
      ...(binary && { 'inference-header-content-length': length ?? String(text.byteLength) }),
    },
    body: Buffer.concat([text, tail ?? Buffer.alloc(0)]),
  });
}

/** One clear line in the protocol's form, with the status, code and field expected and nothing of the server's inside. */
export async function assertOpenRefused(
  response: Response,
  status: number,
  code: string,
  param: string | null,
  message = /./,
): Promise<void> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  const error = openErrorSchema.parse(JSON.parse(text));
  assert.deepEqual({ code: error.code, param: error.param }, { code, param }, error.error);
  assert.match(error.error, message);
  assert.doesNotMatch(text, /node_modules|\.ts:|\\n/);
  // An address that is malformed is refused before any header is set.
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
export type OpenType = keyof typeof ARRAYS;

/** A tensor with its elements, to be sent in either form. */
export interface FullTensor {
  readonly name: string;
  readonly datatype: OpenType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export const tensor = (
  name: string,
  datatype: OpenType,
  shape: readonly number[],
  values: readonly number[],
): FullTensor => ({ name, datatype, shape, values });

export function asJson({ name, datatype, shape, values }: FullTensor): OpenTensor {
  return { name, datatype, shape, data: datatype === 'BOOL' ? values.map((value) => value === 1) : values };
}

export function asBytes({ datatype, values }: FullTensor): Buffer {
  return Buffer.from(ARRAYS[datatype](values).buffer);
}

/** Inputs as binary, in one request. */
export function asBinary(tensors: readonly FullTensor[], request: object = {}): OpenBody {
  const parts = tensors.map(asBytes);
  const inputs = tensors.map(({ name, datatype, shape }, at) => ({
    name,
    datatype,
    shape,
    parameters: { binary_data_size: parts[at]!.byteLength },
  }));
  return { json: { ...request, inputs }, tail: Buffer.concat(parts) };
}
