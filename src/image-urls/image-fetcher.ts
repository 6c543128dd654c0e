import { Resolver } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { PanelvecError, withParam } from '../errors.ts';
import { withSpan } from '../tracing/tracing.ts';
import { cancellationError } from '../util/cancellation-error.ts';
import { fetchErrorReason } from '../util/fetch-error.ts';
import { AllowedHosts, literalAddress } from './allowed-hosts.ts';
import { FetchQueue } from './fetch-queue.ts';
import { type FetchOutcome, type ImageFetchObserver, outcomeOf } from './image-fetch-observer.ts';
import { parseImageUrl } from './image-url.ts';
import { isPublicAddress } from './public-address.ts';
import { type ImageBodyLimits, readImageBody } from './read-image-body.ts';
import { requestImage } from './request-image.ts';
import { type HostResolver, resolveHost } from './resolve-host.ts';

const MAX_REDIRECTS = 3;
const REDIRECT_STATUSES: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);
const DNS_OPTIONS = { timeout: 2000, tries: 2 };

interface FetcherOptions {
  /** As in PANELVEC_IMAGE_URL_HOSTS; nothing is fetched where there are none */
  readonly imageUrlHosts: readonly string[];
  readonly imageUrlTimeoutSeconds: number;
}

/** What tests replace: they have no names and no addresses of the internet. */
interface Network {
  readonly createResolver: () => HostResolver;
  readonly isPublic: (address: string) => boolean;
}

const INTERNET: Network = { createResolver: () => new Resolver(DNS_OPTIONS), isPublic: isPublicAddress };

export interface FetchOptions extends ImageBodyLimits {
  /** The field that has the URL, for errors */
  readonly param: string;
  readonly signal: AbortSignal;
  readonly log: { info(fields: object, message: string): void };
}

/**
 * Fetches images from the hosts that an operator allows. A name is resolved once, all its addresses must be public, and the connection
 * goes to one of them; each redirect is checked like the first URL. An address is fetched from only if the list has it itself.
 */
export class ImageFetcher {
  readonly #hosts: AllowedHosts;
  readonly #timeoutSeconds: number;
  readonly #observer: ImageFetchObserver;
  readonly #network: Network;
  readonly #queue = new FetchQueue();

  constructor(options: FetcherOptions, observer: ImageFetchObserver, network: Partial<Network> = {}) {
    this.#hosts = new AllowedHosts(options.imageUrlHosts);
    this.#timeoutSeconds = options.imageUrlTimeoutSeconds;
    this.#observer = observer;
    this.#network = { ...INTERNET, ...network };
  }

  /** @throws PanelvecError image_url_refused, image_fetch_failed, image_too_large, queue_full; the cancellation of the signal */
  async fetch(text: string, options: FetchOptions): Promise<Buffer> {
    const startTime = performance.now();
    let outcome: FetchOutcome = 'failed';
    try {
      const url = this.#parse(text);
      const fetchInTime = () => this.#fetchInTime(url, options);
      const image = await withSpan('fetch image', { 'server.address': url.hostname }, fetchInTime, 'client');
      outcome = 'fetched';
      return image;
    } catch (error) {
      outcome = outcomeOf(error);
      throw withParam(error, options.param);
    } finally {
      this.#observer.recordImageFetch(outcome, (performance.now() - startTime) / 1000);
    }
  }

  async #fetchInTime(url: URL, options: FetchOptions): Promise<Buffer> {
    const timeout = AbortSignal.timeout(this.#timeoutSeconds * 1000);
    const signal = AbortSignal.any([options.signal, timeout]);
    try {
      return await this.#queue.run(() => this.#follow(url, { ...options, signal }), signal);
    } catch (error) {
      if (options.signal.aborted) throw cancellationError(options.signal);
      const reason = timeout.aborted ? timeoutError(this.#timeoutSeconds, error) : error;
      // Paths and queries may have secrets.
      options.log.info({ origin: url.origin, reason: fetchErrorReason(reason) }, 'an image was not fetched');
      throw reason;
    }
  }

  #parse(text: string, base?: URL): URL {
    if (!this.#hosts.isEmpty) return parseImageUrl(text, this.#hosts, base);
    const message =
      'URLs are not fetched: send data:image/...;base64,..., or have PANELVEC_IMAGE_URL_HOSTS name the host';
    throw new PanelvecError('image_url_refused', message);
  }

  async #follow(url: URL, options: FetchOptions): Promise<Buffer> {
    let current = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await this.#request(current, options.signal);
      if (!REDIRECT_STATUSES.has(response.statusCode)) return readImageBody(response, options);
      response.destroy();
      current = this.#redirectTarget(response, current);
    }
    throw new PanelvecError('image_fetch_failed', `the host redirects more than ${MAX_REDIRECTS} times`);
  }

  async #request(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const { createResolver, isPublic } = this.#network;
    const address = literalAddress(url.hostname);
    const addresses =
      address === undefined ? await resolveHost(url.hostname, createResolver(), isPublic, signal) : [address];
    return requestImage(url, addresses, signal);
  }

  #redirectTarget({ headers: { location } }: IncomingMessage, url: URL): URL {
    if (!location) throw new PanelvecError('image_fetch_failed', 'the host redirects without saying where');
    try {
      return this.#parse(location, url);
    } catch (cause) {
      const message = `the host redirects: ${cause instanceof PanelvecError ? cause.message : 'elsewhere'}`;
      throw new PanelvecError('image_url_refused', message, { cause });
    }
  }
}

function timeoutError(seconds: number, cause: unknown): PanelvecError {
  return new PanelvecError('image_fetch_failed', `the image did not arrive within ${seconds} seconds`, { cause });
}
