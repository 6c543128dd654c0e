import { setTimeout as delay } from 'node:timers/promises';
import { Client, type Dispatcher, errors, Pool } from 'undici';
import { type Attempt, OK } from './attempt.ts';
import type { PanelRequest } from './panel-requests.ts';

/** Longer than any answer takes that is worth waiting for */
const TIMEOUT_MS = 60_000;
const DEFAULT_RETRY_AFTER_MS = 1000;
const CONNECTION_OPTIONS = { pipelining: 1, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS };

export interface SendOptions {
  /** When it was meant to be sent, by the clock of the sender; now by default */
  readonly plannedMs?: number;
  /** Only marks it: its content is as new as that of all others */
  readonly isRetry?: boolean;
  /** Any that is free by default */
  readonly connection?: Dispatcher;
}

export interface SentRequest {
  readonly attempt: Attempt;
  /** As long as the server asked for, if it refused */
  readonly retryAfterMs: number | undefined;
}

/** Sends requests to a server, and times them: over as many connections as there are requests at a time, or over those of clients. */
export class RequestSender {
  readonly #address: string;
  readonly #pool: Pool;
  readonly #connections: Client[] = [];
  readonly #startMs = performance.now();

  constructor(address: string) {
    this.#address = address;
    this.#pool = new Pool(address, CONNECTION_OPTIONS);
  }

  /** A connection of one client, by which the server knows it: it keeps places for clients that it has refused. */
  openConnection(): Dispatcher {
    const connection = new Client(this.#address, CONNECTION_OPTIONS);
    this.#connections.push(connection);
    return connection;
  }

  /** Milliseconds since the start of the load. */
  now(): number {
    return performance.now() - this.#startMs;
  }

  /** Waits until a time of the load. */
  async waitUntil(ms: number): Promise<void> {
    const rest = ms - this.now();
    if (rest > 0) await delay(rest);
  }

  /** A GET, or a POST of the payload. It reads the response without parsing it, so that the client costs little. */
  async send(
    path: string,
    payload: PanelRequest | undefined,
    { plannedMs = this.now(), isRetry = false, connection = this.#pool }: SendOptions = {},
  ): Promise<SentRequest> {
    const { outcome, retryAfterMs } = await this.#request(connection, path, payload);
    return { attempt: { plannedMs, answeredMs: this.now(), outcome, isRetry }, retryAfterMs };
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool, ...this.#connections].map((each) => each.destroy()));
  }

  async #request(
    connection: Dispatcher,
    path: string,
    payload: PanelRequest | undefined,
  ): Promise<{ outcome: string; retryAfterMs: number | undefined }> {
    try {
      const { statusCode, headers, body } = await connection.request({
        path,
        method: payload ? 'POST' : 'GET',
        headers: payload && { 'content-type': payload.type },
        body: payload?.body,
      });
      if (statusCode === 200) {
        for await (const _ of body);
        return { outcome: OK, retryAfterMs: undefined };
      }
      const isRefused = statusCode === 429 || statusCode === 503;
      return {
        outcome: errorCode(await body.text()) ?? `status ${statusCode}`,
        retryAfterMs: isRefused ? readRetryAfterMs(headers) : undefined,
      };
    } catch (error) {
      if (error instanceof errors.UndiciError) return { outcome: error.code, retryAfterMs: undefined };
      return {
        outcome: error instanceof Error && 'code' in error ? String(error.code) : String(error),
        retryAfterMs: undefined,
      };
    }
  }
}

function errorCode(text: string): string | undefined {
  return /"code":"(\w+)"/.exec(text)?.[1];
}

function readRetryAfterMs(headers: Readonly<Record<string, string | string[] | undefined>>): number {
  const exact = Number(headers['x-retry-after-ms'] ?? Number.NaN);
  if (exact >= 0) return exact;
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return seconds >= 0 ? 1000 * seconds : DEFAULT_RETRY_AFTER_MS;
}
