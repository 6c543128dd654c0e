import { after, before, beforeEach } from 'node:test';
import type { FetchOutcome } from '../../src/image-urls/image-fetch-observer.ts';
import { ImageFetcher } from '../../src/image-urls/image-fetcher.ts';
import { isPublicAddress } from '../../src/image-urls/public-address.ts';
import { DnsServer, everyNameIs } from './dns-server.ts';
import { ImageHost } from './image-host.ts';

export const HOST_ADDRESS = '127.0.0.1';
export const MAX_BYTES = 100_000;

/** A name server and a host of images, new for each test, and a fetcher that uses them. */
export class FetchBench {
  dns!: DnsServer;
  host!: ImageHost;
  readonly outcomes: FetchOutcome[] = [];
  readonly logLines: object[] = [];

  /** The URL of a path on the host, by a name that the list has */
  url(path: string, name = 'images.test'): string {
    return `http://${name}:${this.host.port}${path}`;
  }

  /** @param isHostPublic whether the address of the host counts as one of the internet */
  createFetcher({
    hosts = [`http://images.test:${this.host.port}`],
    seconds = 20,
    isHostPublic = true,
  } = {}): ImageFetcher {
    const observer = { recordImageFetch: (outcome: FetchOutcome) => this.outcomes.push(outcome) };
    return new ImageFetcher({ imageUrlHosts: hosts, imageUrlTimeoutSeconds: seconds }, observer, {
      createResolver: () => this.dns.createResolver(),
      isPublic: (address) => (isHostPublic && address === HOST_ADDRESS) || isPublicAddress(address),
    });
  }

  fetch(
    url: string,
    fetcher = this.createFetcher(),
    { signal = new AbortController().signal, countBytes = (_: number) => {} } = {},
  ): Promise<Buffer> {
    const log = { info: (fields: object) => this.logLines.push(fields) };
    return fetcher.fetch(url, { param: 'input', maxBytes: MAX_BYTES, signal, countBytes, log });
  }
}

export function useFetchBench(): FetchBench {
  const bench = new FetchBench();
  before(async () => {
    bench.dns = await DnsServer.start();
    bench.host = await ImageHost.start();
  });
  beforeEach(() => {
    bench.dns.answers = everyNameIs(HOST_ADDRESS);
    bench.dns.questions.length = 0;
    bench.host.requests.length = 0;
    bench.outcomes.length = 0;
    bench.logLines.length = 0;
  });
  after(async () => {
    await bench.dns?.[Symbol.asyncDispose]();
    await bench.host?.[Symbol.asyncDispose]();
  });
  return bench;
}

/** The expectation of a refusal whose message has no address of the network in it. */
export function refusal(code: string, message: RegExp) {
  return (error: { readonly code?: unknown; readonly param?: unknown; readonly message: string }): boolean => {
    const isAsExpected = error.code === code && error.param === 'input' && message.test(error.message);
    const tellsAddress = /\d+\.\d+\.\d+\.\d+|[\da-f]*::/.test(error.message);
    if (isAsExpected && !tellsAddress) return true;
    throw new Error(`${String(error.code)} ${String(error.param)}: ${error.message}`);
  };
}
