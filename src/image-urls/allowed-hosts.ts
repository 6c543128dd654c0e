import { isIP } from 'node:net';

/** A host as an operator writes it: a name, `*.` before it for its subdomains, a scheme before and a port behind */
const ENTRY = /^(?:(https?):\/\/)?(\*\.)?([^\s/?#@*\\%]+)$/i;

interface AllowedHost {
  readonly protocol: string;
  readonly port: string;
  readonly host: string;
  /** Whether the subdomains of the host are meant, and not the host itself */
  readonly isWildcard: boolean;
}

/** The hosts that images may be fetched from, each with one scheme and one port. */
export class AllowedHosts {
  readonly #hosts: readonly AllowedHost[];

  /** @param entries such as `images.example.org`, `*.example.org`, `https://example.org:8443` or `http://10.0.0.5:9000` */
  constructor(entries: readonly string[]) {
    this.#hosts = entries.flatMap((entry) => parseEntry(entry) ?? []);
  }

  get isEmpty(): boolean {
    return this.#hosts.length === 0;
  }

  has({ protocol, port, hostname }: URL): boolean {
    return this.#hosts.some(
      (allowed) => allowed.protocol === protocol && allowed.port === port && matchesHost(allowed, hostname),
    );
  }
}

export function isHostEntry(entry: string): boolean {
  return parseEntry(entry) !== undefined;
}

/** The address that a host is, without brackets; undefined for a name. URLs have addresses of all spellings in one form. */
export function literalAddress(hostname: string): string | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) === 0 ? undefined : address;
}

/** Takes the dot off the end of an absolute name: certificates and lists have none. */
export function withoutFinalDot(hostname: string): string {
  return hostname.replace(/\.$/, '');
}

function matchesHost({ host, isWildcard }: AllowedHost, hostname: string): boolean {
  return isWildcard ? literalAddress(hostname) === undefined && hostname.endsWith(`.${host}`) : hostname === host;
}

/** Has the parser of URLs read the host, so that it is spelled as in the URLs that it is compared with. */
function parseEntry(entry: string): AllowedHost | undefined {
  const [, scheme = 'https', wildcard, authority] = ENTRY.exec(entry) ?? [];
  const url = authority === undefined ? null : URL.parse(`${scheme.toLowerCase()}://${authority}`);
  // `.example.org` is how others write `*.example.org`.
  if (url === null || url.hostname.startsWith('.')) return undefined;
  const isWildcard = wildcard !== undefined;
  if (isWildcard && literalAddress(url.hostname) !== undefined) return undefined;
  return { protocol: url.protocol, port: url.port, host: withoutFinalDot(url.hostname), isWildcard };
}
