import { createParser } from 'eventsource-parser';
import type { Config } from '../config.ts';
import { type ErrorCode, oneLine, PanelvecError } from '../errors.ts';

interface CallOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** The answer of a running service. @throws PanelvecError as `send` */
export async function call<T>(config: Config, method: string, place: string, options: CallOptions = {}): Promise<T> {
  return (await send(config, method, place, options)).json() as Promise<T>;
}

/** @throws PanelvecError with the service's own code and words; engine_unavailable where none answers */
async function send({ host, port }: Config, method: string, place: string, options: CallOptions): Promise<Response> {
  const address = `http://${host}:${port}`;
  const answer = await fetch(`${address}${place}`, { method, ...options }).catch((cause: unknown) => {
    throw new PanelvecError('engine_unavailable', `no service answers at ${address}: ${oneLine(cause)}`, { cause });
  });
  if (answer.ok) return answer;
  const text = await answer.text();
  let error: { code: ErrorCode; message: string; param: string | null };
  try {
    ({ error } = JSON.parse(text));
  } catch (cause) {
    throw new PanelvecError('internal', `${address} answered ${answer.status}, and not as this service does`, {
      cause,
    });
  }
  throw new PanelvecError(error.code, error.message, { param: error.param ?? undefined });
}

/** Calls back for each event of a job until the service ends the stream, which it also does when it stops. */
export async function readEvents(
  config: Config,
  id: string,
  last: string | undefined,
  onEvent: (id: string | undefined, data: string) => void,
): Promise<void> {
  const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': last };
  const answer = await send(config, 'GET', `/v1/jobs/${encodeURIComponent(id)}/events`, { headers });
  const parser = createParser({ onEvent: ({ id: eventId, data }) => onEvent(eventId, data) });
  const decoder = new TextDecoder();
  for await (const chunk of answer.body!) parser.feed(decoder.decode(chunk, { stream: true }));
}
