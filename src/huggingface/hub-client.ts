import { HubError, TransientError, toTransientError } from './hub-error.ts';
import { describeFile, type HubFile } from './hub-file.ts';

const HUB_URL = 'https://huggingface.co';
const MAX_REDIRECTS = 5;
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Statuses besides 5xx that a later request may not get */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

export interface HubSettings {
  /** Base URL of the hub; undefined for Hugging Face's */
  readonly endpoint: string | undefined;
  /** Access token. It is sent to the endpoint's origin only. */
  readonly token: string | undefined;
  /** Number of files that are downloaded at a time */
  readonly parallel: number;
}

export interface HubResponse {
  readonly response: Response;
  /** False for a response of the storage that the hub redirects to */
  readonly isFromHub: boolean;
  /** ETag of the hub, or of another hub that it redirects to. ETags of the storage mean something else. */
  readonly etag: string | undefined;
  /** Size of the whole file, where the hub states it on a redirect */
  readonly linkedBytes: number | undefined;
}

/** Sends GET requests to one hub. It follows redirects itself, to keep the hub's headers and to not pass on the token. */
export class HubClient {
  /** Base URL without a slash at its end */
  readonly endpoint: string;
  readonly hasToken: boolean;
  readonly #origin: string;
  readonly #authorization: Readonly<Record<string, string>>;

  /** @throws HubError for an endpoint that is not a URL, or a token that a header cannot carry */
  constructor({ endpoint, token }: HubSettings) {
    const url = parseEndpoint(endpoint ?? HUB_URL);
    this.endpoint = url.href.replace(/\/+$/, '');
    this.#origin = url.origin;
    this.hasToken = token !== undefined;
    // Checked here because the error of fetch would quote the token.
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
      throw new HubError('the token (HF_TOKEN) is empty, or has characters that a token cannot have');
    }
    this.#authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /**
   * @param until `description` stops at the redirect that states ETag and size of the file
   * @throws TransientError for a broken connection; HubError for a wrong redirect; the signal's reason
   */
  async get(
    url: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    until: 'content' | 'description' = 'content',
  ): Promise<HubResponse> {
    let currentUrl = new URL(url);
    let isAtHub = true;
    let linkedFile: { etag?: string; bytes?: number } = {};
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      // A request that has left the hub never gets the token back: the other server chose the URL.
      isAtHub &&= currentUrl.origin === this.#origin;
      const response = await this.#request(currentUrl, { ...headers, ...(isAtHub ? this.#authorization : {}) }, signal);
      linkedFile = { ...readLinkedHeaders(response), ...linkedFile };
      const isDescribed = linkedFile.etag !== undefined && linkedFile.bytes !== undefined;
      if (!REDIRECT_STATUSES.has(response.status) || (until === 'description' && isDescribed)) {
        const etag = linkedFile.etag ?? (isAtHub ? (response.headers.get('etag') ?? undefined) : undefined);
        return { response, isFromHub: isAtHub, etag, linkedBytes: linkedFile.bytes };
      }
      await response.body?.cancel();
      currentUrl = redirectTarget(response, currentUrl);
    }
    throw new HubError(`${url}: redirected more than ${MAX_REDIRECTS} times`);
  }

  async #request(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    try {
      // Size and range of a compressed response would not be those of the file.
      return await fetch(url, { headers: { ...headers, 'accept-encoding': 'identity' }, redirect: 'manual', signal });
    } catch (error) {
      throw toTransientError(error);
    }
  }
}

function readLinkedHeaders({ headers }: Response): { etag?: string; bytes?: number } {
  const etag = headers.get('x-linked-etag');
  const bytes = headers.get('x-linked-size');
  return { ...(etag !== null && { etag }), ...(bytes !== null && { bytes: Number(bytes) }) };
}

function redirectTarget(response: Response, baseUrl: URL): URL {
  const location = response.headers.get('location') ?? '';
  const url = location === '' ? null : URL.parse(location, baseUrl.href);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new HubError(`${baseUrl.origin} redirects to "${location}", which is not an http(s) address`);
  }
  return url;
}

function parseEndpoint(endpoint: string): URL {
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new HubError(`the endpoint of the hub "${endpoint}" is no http(s) address`);
  }
  // Checked here because the error of fetch would quote the password.
  if (url.username !== '' || url.password !== '') {
    throw new HubError('the endpoint of the hub must not hold a password');
  }
  return url;
}

/** @throws HubError for a status that will not change; TransientError for one that may */
export function assertOk({ response, isFromHub }: HubResponse, file: HubFile, hasToken: boolean): void {
  const { status, headers } = response;
  if (response.ok) return;
  // The storage refuses links that have expired; the next attempt asks the hub for a new one.
  if (!isFromHub || status >= 500 || TRANSIENT_STATUSES.has(status)) {
    const server = isFromHub ? 'the hub' : new URL(response.url).host;
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
  // The hub answers the same for repositories that do not exist, so that nobody can probe for private ones.
  if (!hasToken) return `${message}: the file needs a token (HF_TOKEN), or there is no such repository`;
  return `${message}: the token (HF_TOKEN) is not accepted, or has no access to this repository`;
}

/** Milliseconds from now, from a Retry-After header in either form (RFC 9110, 10.2.3) */
function parseRetryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
