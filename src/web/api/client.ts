import type { ErrorResponse } from '../../http/error-response.ts';
import { ApiError } from './api-error.ts';

interface RequestOptions {
  readonly signal?: AbortSignal;
}

/** Gets JSON from the service. @throws ApiError in the words of the service */
export function getJson<T>(path: string, { signal }: RequestOptions = {}): Promise<T> {
  return fetchJson(path, { signal });
}

/** Posts an object as JSON, or a form, and gets JSON. @throws ApiError in the words of the service */
export function postJson<T>(path: string, body: object, { signal }: RequestOptions = {}): Promise<T> {
  if (body instanceof FormData) return fetchJson(path, { method: 'POST', body, signal });
  const headers = { 'content-type': 'application/json' };
  return fetchJson(path, { method: 'POST', headers, body: JSON.stringify(body), signal });
}

/** Gets bytes from the service. @throws ApiError in the words of the service */
export async function getBytes(path: string, { signal }: RequestOptions = {}): Promise<ArrayBuffer> {
  const response = await send(path, { signal });
  return response.arrayBuffer();
}

async function fetchJson<T>(path: string, init: RequestInit): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set('accept', 'application/json');
  const response = await send(path, { ...init, headers });
  return (await response.json()) as T;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('The service does not answer. Is it running?', 0);
  });
  if (!response.ok) throw await readError(response);
  return response;
}

async function readError(response: Response): Promise<ApiError> {
  const body: Partial<ErrorResponse> | undefined = await response.json().catch(() => undefined);
  const { message, ...details } = body?.error ?? {};
  return new ApiError(message ?? `The service answered ${response.status}`, response.status, details);
}
