import { setTimeout as delay } from 'node:timers/promises';
import { errors, Pool } from 'undici';
import { type Attempt, OK } from './attempt.ts';
import type { PanelRequest } from './panel-requests.ts';

/** Longer than any answer takes that is worth waiting for */
const TIMEOUT_MS = 60_000;
const DEFAULT_RETRY_AFTER_MS = 1000;

export interface SentRequest {
  readonly attempt: Attempt;
  /** As long as the server asked for, if it refused */
  readonly retryAfterMs: number | undefined;
}

/** Sends requests to a server over as many connections as there are requests at a time, and times them. */
export class RequestSender {
  readonly #pool: Pool;
  readonly #startMs = performance.now();

  constructor(address: string) {
    this.#pool = new Pool(address, { pipelining: 1, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
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
    { plannedMs = this.now(), isRetry = false } = {},
  ): Promise<SentRequest> {
    const { outcome, retryAfterMs } = await this.#request(path, payload);
    return { attempt: { plannedMs, answeredMs: this.now(), outcome, isRetry }, retryAfterMs };
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #request(
    path: string,
    payload: PanelRequest | undefined,
  ): Promise<{ outcome: string; retryAfterMs: number | undefined }> {
    try {
      const { statusCode, headers, body } = await this.#pool.request({
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
