import type { Config } from '../../config.ts';
import { firstLine, PanelvecError } from '../../errors.ts';

const TIMEOUT_MS = 3000;
/** Addresses that mean "all of this machine" when listening, but cannot be called. */
const LOOPBACK_BY_WILDCARD: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** For containers and scripts, which may have no curl. @throws PanelvecError where the service is not ready */
export async function healthCommand({ host, port }: Config): Promise<void> {
  const address = LOOPBACK_BY_WILDCARD[host] ?? host;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/health/ready`;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((cause: unknown) => {
    throw new PanelvecError('engine_unavailable', `${url} does not answer: ${firstLine(cause)}`, { cause });
  });
  if (!response.ok) throw new PanelvecError('engine_unavailable', `${url} answers ${response.status}`);
  process.stdout.write('ready\n');
}
