import { createParser } from 'eventsource-parser';
import type { Config } from '../config.ts';
import { type ErrorCode, firstLine, PanelvecError } from '../errors.ts';

interface CallOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** The answer of a running service. @throws PanelvecError as `send` */
export async function requestJson<T>(
  config: Config,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<T> {
  return (await sendRequest(config, method, path, options)).json() as Promise<T>;
}

/** @throws PanelvecError with the service's own code and words; engine_unavailable where none answers */
async function sendRequest(
  { host, port }: Config,
  method: string,
  path: string,
  options: CallOptions,
): Promise<Response> {
  const address = `http://${host}:${port}`;
  const response = await fetch(`${address}${path}`, { method, ...options }).catch((cause: unknown) => {
    throw new PanelvecError('engine_unavailable', `no service answers at ${address}: ${firstLine(cause)}`, { cause });
  });
  if (response.ok) return response;
  const text = await response.text();
  let error: { code: ErrorCode; message: string; param: string | null };
  try {
    ({ error } = JSON.parse(text));
  } catch (cause) {
    throw new PanelvecError('internal', `${address} answered ${response.status}, and not as this service does`, {
      cause,
    });
  }
  throw new PanelvecError(error.code, error.message, { param: error.param ?? undefined });
}

/** Calls back for each event of a job until the service ends the stream, which it also does when it stops. */
export async function readEvents(
  config: Config,
  id: string,
  lastEventId: string | undefined,
  onEvent: (id: string | undefined, data: string) => void,
): Promise<void> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await sendRequest(config, 'GET', `/v1/jobs/${encodeURIComponent(id)}/events`, { headers });
  const parser = createParser({ onEvent: ({ id: eventId, data }) => onEvent(eventId, data) });
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) parser.feed(decoder.decode(chunk, { stream: true }));
}
