import type { FastifyReply } from 'fastify';
import pLimit from 'p-limit';
import { PanelvecError } from '../../../errors.ts';
import { isHttpUrl } from '../../../image-urls/image-url.ts';
import type { Services } from '../../../services.ts';
import { decodeDataUri } from './data-uri.ts';
import type { ImageName, RequestImage, RequestImages } from './request-images.ts';

/** Images of one request that are fetched at a time, so that it leaves connections to others */
const MAX_CONCURRENT = 8;

/** The images of a request in JSON: data URIs, and URLs of hosts that PANELVEC_IMAGE_URL_HOSTS has. */
export class JsonImages implements RequestImages {
  readonly #reply: FastifyReply;
  readonly #services: Pick<Services, 'config' | 'imageFetcher'>;
  /** What was fetched, and decoded before, by name */
  readonly #images = new Map<string, Buffer>();

  constructor(reply: FastifyReply, services: Pick<Services, 'config' | 'imageFetcher'>) {
    this.#reply = reply;
    this.#services = services;
  }

  async fetchUrls(names: readonly ImageName[], signal: AbortSignal): Promise<void> {
    // An image that is named twice is fetched once; the first of its fields is that of errors.
    const fields = new Map<string, string>();
    for (const { name, param } of names)
      if (name !== undefined && isHttpUrl(name) && !fields.has(name)) fields.set(name, param);
    if (fields.size === 0) return;
    for (const { name, param } of names)
      if (name !== undefined && !fields.has(name)) this.#images.set(name, this.take(name, param));
    const failure = new AbortController();
    const either = AbortSignal.any([signal, failure.signal]);
    const limit = pLimit({ concurrency: MAX_CONCURRENT });
    try {
      await limit.map(fields, ([url, param]) => this.#fetch(url, param, either));
    } finally {
      // The others are of no use where one fails.
      failure.abort();
      limit.clearQueue();
    }
  }

  take(name: string | undefined, param: string): Buffer {
    if (name === undefined) throw new PanelvecError('invalid_request', 'the image is missing', { param });
    return this.#images.get(name) ?? decodeDataUri(name, param, this.#services.config.maxImageBytes);
  }

  isGiven(name: string | undefined): boolean {
    return name !== undefined;
  }

  takeOptional(name: string | undefined, param: string): Buffer | undefined {
    return name === undefined ? undefined : this.take(name, param);
  }

  takeList(names: readonly string[] | undefined, param: string): RequestImage[] {
    if (names === undefined) throw new PanelvecError('invalid_request', 'the images are missing', { param });
    return names.map((name, i) => ({ bytes: this.take(name, `${param}[${i}]`), field: `${param}[${i}]` }));
  }

  assertAllUsed(): void {}

  async #fetch(url: string, param: string, signal: AbortSignal): Promise<void> {
    const { config, imageFetcher } = this.#services;
    const reservation = this.#reply.reserveBytes();
    const countBytes = (bytes: number) => {
      if (bytes > reservation.amount) reservation.resize(bytes);
    };
    const options = { param, signal, countBytes, maxBytes: config.maxImageBytes, log: this.#reply.log };
    this.#images.set(url, await imageFetcher.fetch(url, options));
  }
}
