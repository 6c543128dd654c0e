import type { ErrorResponse } from '../../http/error-response.ts';
import { getAccessState, refuseAccess } from './access-store.ts';
import { ApiError } from './api-error.ts';

interface RequestOptions {
  readonly signal?: AbortSignal;
  /** In place of the key of this tab */
  readonly key?: string;
}

/** Gets JSON from the service. @throws ApiError in the words of the service */
export function getJson<T>(path: string, { signal, key }: RequestOptions = {}): Promise<T> {
  return fetchJson(path, { signal }, key);
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

/** Gets a file from the service. @throws ApiError in the words of the service */
export async function getBlob(path: string, { signal }: RequestOptions = {}): Promise<Blob> {
  const response = await send(path, { signal });
  return response.blob();
}

/** Fetches from the service with the key of this tab; the response can be an error. The key goes to no other server. */
export function fetchWithKey(path: string | URL, init: RequestInit = {}, key?: string): Promise<Response> {
  const sentKey = key ?? getAccessState().key;
  const headers = new Headers(init.headers);
  if (sentKey !== undefined) headers.set('authorization', `Bearer ${sentKey}`);
  return fetch(path, { ...init, headers, mode: 'same-origin' });
}

async function fetchJson<T>(path: string, init: RequestInit, key?: string): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set('accept', 'application/json');
  const response = await send(path, { ...init, headers }, key);
  return (await response.json()) as T;
}

async function send(path: string, init: RequestInit, key?: string): Promise<Response> {
  const { key: tabKey } = getAccessState();
  const response = await fetchWithKey(path, init, key).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('The service does not answer. Is it running?', 0);
  });
  if (response.ok) return response;
  const error = await readError(response);
  // A key that somebody tries, or one that was replaced meanwhile, says nothing of the one in use.
  const isOfTab = key === undefined && tabKey === getAccessState().key;
  if (isOfTab && error.status === 401) refuseAccess(error);
  throw error;
}

async function readError(response: Response): Promise<ApiError> {
  const body: Partial<ErrorResponse> | undefined = await response.json().catch(() => undefined);
  const { message, ...details } = body?.error ?? {};
  return new ApiError(message ?? `The service answered ${response.status}`, response.status, details);
}
