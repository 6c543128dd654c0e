import { HUB_URL } from '@huggingface/hub';
import { HubError, toTransientError } from './hub-error.ts';
import type { HubSettings } from './hub-file.ts';

const MAX_REDIRECTS = 5;
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface HubResponse {
  readonly response: Response;
  /** False for the storage that the hub redirects to */
  readonly fromHub: boolean;
  /** As the hub says it, or another hub that it redirects to. The storage has ETags of its own, which mean something else. */
  readonly etag: string | undefined;
  /** Size of the whole file, where the hub says it on the way */
  readonly linkedBytes: number | undefined;
}

/** GET requests to one hub. Redirects are followed here, for what must and what must not go with them. */
export class HubClient {
  /** Base URL without a slash at its end */
  readonly endpoint: string;
  readonly hasToken: boolean;
  readonly #origin: string;
  readonly #authorization: Readonly<Record<string, string>>;

  /** @throws HubError for an endpoint that is no URL, or a token that no header can carry */
  constructor({ endpoint, token }: HubSettings) {
    const url = parseEndpoint(endpoint ?? HUB_URL);
    this.endpoint = url.href.replace(/\/+$/, '');
    this.#origin = url.origin;
    this.hasToken = token !== undefined;
    // Refused here, because the error of fetch would quote the token.
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
      throw new HubError('the token (HF_TOKEN) is empty, or has characters that a token cannot have');
    }
    this.#authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /**
   * @param until `description` stops at the redirect that already says what the file is
   * @throws TransientError for a broken connection; the signal's reason
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
      // Once it left the hub, a request never gets the token back: who sent it here chose the URL.
      isAtHub &&= currentUrl.origin === this.#origin;
      const response = await this.#request(currentUrl, { ...headers, ...(isAtHub ? this.#authorization : {}) }, signal);
      linkedFile = { ...readLinkedHeaders(response), ...linkedFile };
      const isDescribed = linkedFile.etag !== undefined && linkedFile.bytes !== undefined;
      if (!REDIRECT_STATUSES.has(response.status) || (until === 'description' && isDescribed)) {
        const etag = linkedFile.etag ?? (isAtHub ? (response.headers.get('etag') ?? undefined) : undefined);
        return { response, fromHub: isAtHub, etag, linkedBytes: linkedFile.bytes };
      }
      await response.body?.cancel();
      currentUrl = redirectTarget(response, currentUrl);
    }
    throw new HubError(`${url}: redirected more than ${MAX_REDIRECTS} times`);
  }

  async #request(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    try {
      // Of a compressed answer neither the size nor a range would be that of the file.
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
    throw new HubError(`${baseUrl.origin} redirects to "${location}", which is no address`);
  }
  return url;
}

function parseEndpoint(endpoint: string): URL {
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new HubError(`the endpoint of the hub "${endpoint}" is no http(s) address`);
  }
  // Nor would fetch take it, but it would quote it.
  if (url.username !== '' || url.password !== '')
    throw new HubError('the endpoint of the hub must not hold a password');
  return url;
}
