import assert from 'node:assert/strict';
import type { Tensor } from '../../src/weights/tensor.ts';

/** A tensor of an Open Inference request or response. */
export interface InferTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: readonly unknown[];
  readonly parameters?: { readonly binary_data_size?: number };
}

export interface InferResult {
  readonly status: number;
  readonly json: {
    outputs: InferTensor[];
    error?: string;
    code?: string;
    param?: string;
    id?: string;
    model_name?: string;
  };
  readonly outputs: Readonly<Record<string, Float32Array>>;
}

const DATATYPES: Readonly<Record<string, string>> = { float32: 'FP32', int64: 'INT64', int32: 'INT32' };

/** Posts tensors as binary data after the JSON, and reads outputs in either form. */
export async function inferBinary(
  url: string,
  tensors: Readonly<Record<string, Pick<Tensor, 'dtype' | 'shape' | 'bytes'>>>,
  request: object = { parameters: { binary_data_output: true } },
): Promise<InferResult> {
  const inputs = Object.entries(tensors).map(([name, { dtype, shape, bytes }]) => ({
    name,
    shape,
    datatype: DATATYPES[dtype],
    parameters: { binary_data_size: bytes.byteLength },
  }));
  const json = Buffer.from(JSON.stringify({ ...request, inputs }));
  const body = Buffer.concat([json, ...Object.values(tensors).map(({ bytes }) => bytes)]);
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(json.byteLength),
  };
  return readInferResponse(await fetch(url, { method: 'POST', headers, body }));
}

export async function inferJson(url: string, request: unknown): Promise<InferResult> {
  const headers = { 'content-type': 'application/json' };
  return readInferResponse(await fetch(url, { method: 'POST', headers, body: JSON.stringify(request) }));
}

/** Reads the JSON of a response, and its outputs from the JSON or from the binary data after it. */
export async function readInferResponse(response: Response): Promise<InferResult> {
  const bytes = Buffer.from(await response.arrayBuffer());
  let offset = Number(response.headers.get('inference-header-content-length') ?? bytes.byteLength);
  const json = JSON.parse(bytes.toString('utf8', 0, offset)) as InferResult['json'];
  const outputs: Record<string, Float32Array> = {};
  for (const { name, data, parameters } of json.outputs ?? []) {
    const size = parameters?.binary_data_size ?? 0;
    const binary = Uint8Array.from(bytes.subarray(offset, offset + size));
    outputs[name] = data ? Float32Array.from(data as number[]) : new Float32Array(binary.buffer);
    offset += size;
  }
  assert.equal(offset, bytes.byteLength, 'bytes that belong to no output');
  return { status: response.status, json, outputs };
}
