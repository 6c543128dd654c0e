import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';

const MAX_FAILURES = 10;
const WINDOW_MS = 60_000;
const MAX_ADDRESSES = 10_000;

/** Counts the wrong keys of each address in a minute. The table is bounded: the address that was seen longest ago leaves it. */
export class FailedKeys {
  readonly #windows = new LRUCache<string, { failures: number; readonly endsAt: number }>({ max: MAX_ADDRESSES });

  /** Counts a wrong key. @returns seconds until more of this address are looked at; 0 while it has some left */
  record(address: string, now = performance.now()): number {
    const network = networkOf(address);
    let window = this.#windows.get(network);
    if (window === undefined || now >= window.endsAt) {
      window = { failures: 0, endsAt: now + WINDOW_MS };
      this.#windows.set(network, window);
    }
    window.failures++;
    return window.failures > MAX_FAILURES ? Math.ceil((window.endsAt - now) / 1000) : 0;
  }

  get size(): number {
    return this.#windows.size;
  }
}

/** The first 64 bits of an IPv6 address: one client usually has all addresses that begin with them. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  // The URL parser expands zone-less addresses to one spelling, but keeps `::`.
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}
