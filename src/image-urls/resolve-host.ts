import type { promises as dns } from 'node:dns';
import { PanelvecError } from '../errors.ts';

/** What resolves one name. The functions of `node:dns` that read /etc/hosts take threads away from the decoders. */
export type HostResolver = Pick<dns.Resolver, 'resolve4' | 'resolve6' | 'cancel'>;

/**
 * Resolves the name of a host once, and refuses it where any of its addresses is not public.
 * @throws PanelvecError image_url_refused; image_fetch_failed for a name without addresses; the reason of the signal
 */
export async function resolveHost(
  name: string,
  resolver: HostResolver,
  isPublic: (address: string) => boolean,
  signal: AbortSignal,
): Promise<string[]> {
  signal.throwIfAborted();
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const results = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    signal.throwIfAborted();
    const addresses = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    if (addresses.length === 0) {
      const cause = results.find((result) => result.status === 'rejected')?.reason;
      throw new PanelvecError('image_fetch_failed', 'the name of the host cannot be resolved', { cause });
    }
    if (addresses.every(isPublic)) return addresses;
    throw new PanelvecError('image_url_refused', 'the name of the host has an address that is not public');
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
