import { createParser } from 'eventsource-parser';
import type { Config } from '../config.ts';
import { type ErrorCode, PanelvecError } from '../errors.ts';
import { fetchErrorReason } from '../util/fetch-error.ts';

const READY_TIMEOUT_MS = 3000;
/** Addresses that mean "all of this machine" to a listener, and none to a client. */
const LOOPBACK_BY_WILDCARD: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' };

interface RequestOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** HTTP client for the service that listens at HOST and PORT. */
export class ServiceClient {
  /** Base URL without a slash at its end */
  readonly address: string;
  readonly #keyHeaders: Readonly<Record<string, string>>;

  /** @throws PanelvecError where the host is not one */
  constructor({ host, port, apiKey }: Pick<Config, 'host' | 'port'> & Partial<Pick<Config, 'apiKey'>>) {
    this.address = serviceAddress(host, port);
    this.#keyHeaders = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  }

  /** @throws PanelvecError engine_unavailable where the service is not ready */
  async assertReady(): Promise<void> {
    const url = `${this.address}/health/ready`;
    const response = await fetch(url, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) }).catch((cause: unknown) => {
      throw new PanelvecError('engine_unavailable', `${url} does not answer: ${fetchErrorReason(cause)}`, { cause });
    });
    await response.body?.cancel();
    if (!response.ok) throw new PanelvecError('engine_unavailable', `${url} answers ${response.status}`);
  }

  /** Sends a request and reads the JSON of the response. @throws PanelvecError, like `#send` */
  async requestJson<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    return (await this.#send(method, path, options)).json() as Promise<T>;
  }

  /** Calls back for each event of a job until the service ends the stream, which it also does when it stops. */
  async readEvents(
    jobId: string,
    lastEventId: string | undefined,
    onEvent: (id: string | undefined, data: string) => void,
  ): Promise<void> {
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const { body } = await this.#send('GET', `/v1/jobs/${encodeURIComponent(jobId)}/events`, { headers });
    const parser = createParser({ onEvent: ({ id, data }) => onEvent(id, data) });
    const decoder = new TextDecoder();
    for await (const chunk of body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
  }

  /** @throws PanelvecError with the code and message of the service; engine_unavailable where there is no response */
  async #send(method: string, path: string, options: RequestOptions): Promise<Response> {
    const { address } = this;
    const headers = { ...options.headers, ...this.#keyHeaders };
    const response = await fetch(`${address}${path}`, { method, ...options, headers }).catch((cause: unknown) => {
      const message = `no service answers at ${address}: ${fetchErrorReason(cause)}`;
      throw new PanelvecError('engine_unavailable', message, { cause });
    });
    if (response.ok) return response;
    const text = await response.text();
    let error: { code: ErrorCode; message: string; param: string | null };
    try {
      ({ error } = JSON.parse(text));
    } catch (cause) {
      const message = `${address} answers ${response.status}, but not as a panelvec service does`;
      throw new PanelvecError('internal', message, { cause });
    }
    throw new PanelvecError(error.code, error.message, { param: error.param ?? undefined });
  }
}

/** Base URL of a service, whose host may be a name, an IPv4 address or an IPv6 address without brackets. */
function serviceAddress(host: string, port: number): string {
  const url = URL.parse(`http://${host.includes(':') ? `[${host}]` : host}`);
  if (url === null) throw new PanelvecError('config_invalid', `HOST (--host): "${host}" is not a host name or address`);
  // The URL's own spelling: "0::0" is a wildcard, too.
  return `http://${LOOPBACK_BY_WILDCARD[url.hostname] ?? url.hostname}:${port}`;
}
