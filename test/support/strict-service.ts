import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before } from 'node:test';
import request from 'supertest';
import { errorResponseSchema } from '../../src/http/error-response.ts';
import type { RunningService } from '../../src/http/server.ts';
import { drawPngPanel } from './images.ts';
import { startService } from './in-process-service.ts';
import { makeTinyModel } from './tiny-model.ts';

/** A service with narrow limits, whose model has no finite vector for a black picture. */
export interface StrictService {
  address: string;
  png: Buffer;
}

/** Starts the service before the tests of a file, and stops it after them. */
export function useStrictService(): StrictService {
  const strict: StrictService = { address: '', png: Buffer.alloc(0) };
  let service: RunningService;
  let tiny: Awaited<ReturnType<typeof makeTinyModel>>;
  before(async () => {
    tiny = await makeTinyModel({ divideByBrightness: true });
    service = await startService({
      PANELVEC_HOME: tiny.home,
      PANELVEC_MODELS: 'tiny',
      PANELVEC_MAX_ITEMS: '4',
      PANELVEC_MAX_TEXTS: '4',
      PANELVEC_MAX_BODY_BYTES: '200000',
      PANELVEC_MAX_IMAGE_BYTES: '100000',
      PANELVEC_MAX_IMAGE_PIXELS: '100000',
      PANELVEC_MAX_TEXT_CHARACTERS: '100',
      PANELVEC_REQUEST_TIMEOUT_SECONDS: '0.5',
    });
    Object.assign(strict, { address: service.address, png: await drawPngPanel(1) });
  });
  after(async () => {
    await service.close();
    await tiny.remove();
  });
  return strict;
}

interface ErrorResponse {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
}

/** Asserts an error in the common form, with this status, code and field, and no internals of the server. */
export function assertRefused(response: ErrorResponse, status: number, code: string, param: string | null): void {
  assert.equal(response.status, status, response.text);
  const { error } = errorResponseSchema.parse(response.body);
  assert.deepEqual({ code: error.code, param: error.param }, { code, param }, error.message);
  assert.doesNotMatch(response.text, /node_modules|\.ts:|\n\s+at /);
}

/** Posts JSON of any type to /v1/embeddings… */
export function postJson(address: string, path: string, body: unknown) {
  return request(address)
    .post(`/v1/embeddings${path}`)
    .set('content-type', 'application/json')
    .send(JSON.stringify(body));
}

/** Sends raw bytes. Resolves with all that the service sends until it closes the connection. */
export function sendRawBytes(address: string, bytes: string): Promise<string> {
  const { port, hostname } = new URL(address);
  return new Promise((resolve, reject) => {
    let response = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      response += text;
    });
    socket.on('close', () => resolve(response));
    socket.on('error', reject);
  });
}

/** Posts bytes as they are to /v1/embeddings… */
export async function postBytes(
  address: string,
  call: string,
  body: Uint8Array<ArrayBuffer> | string,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
) {
  const response = await fetch(`${address}/v1/embeddings${call}`, { method: 'POST', body, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}
