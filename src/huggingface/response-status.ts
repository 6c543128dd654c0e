import type { HubResponse } from './hub-client.ts';
import { HubError, TransientError } from './hub-error.ts';
import { describeFile, type HubFile } from './hub-file.ts';

/** Refusals of the moment, beside every 5xx */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

/** @throws HubError for a refusal that will stay; TransientError for one that may pass */
export function assertOk({ response, fromHub }: HubResponse, file: HubFile, hasToken: boolean): void {
  const { status, headers } = response;
  if (response.ok) return;
  // The storage refuses links that have expired; another try asks the hub for a new one.
  if (!fromHub || status >= 500 || TRANSIENT_STATUSES.has(status)) {
    const server = fromHub ? 'the hub' : new URL(response.url).host;
    throw new TransientError(`${server} answers ${status}`, {
      retryAfterMs: parseRetryAfterMs(headers.get('retry-after')),
    });
  }
  throw new HubError(refusalMessage(status, file, hasToken));
}

function refusalMessage(status: number, file: HubFile, hasToken: boolean): string {
  if (status === 404) return `the hub has no file "${file.path}" in ${file.repo} at the revision "${file.revision}"`;
  const message = `${describeFile(file)}: the hub answers ${status}`;
  if (status !== 401 && status !== 403) return message;
  // It says the same of repositories that do not exist, so as not to tell which do.
  if (!hasToken) return `${message}: the file needs a token (HF_TOKEN), or there is no such repository`;
  return `${message}: the token (HF_TOKEN) is not accepted, or has no access to this repository`;
}

/** Either form of the header (RFC 9110, 10.2.3), in milliseconds from now */
function parseRetryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
