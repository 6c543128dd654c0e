import { isIP } from 'node:net';
import cors from '@fastify/cors';
import type { FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { PanelvecError } from '../../errors.ts';
import type { Services } from '../../services.ts';

const EXPOSED_HEADERS = [
  ...['etag', 'location', 'retry-after', 'x-retry-after-ms', 'x-request-id'],
  ...['x-panelvec-model', 'x-panelvec-space', 'x-panelvec-truncated', 'x-panelvec-unknown-text'],
];
const PREFLIGHT_SECONDS = 600;
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Decides what pages of other origins may do in the browsers of users. Those of PANELVEC_CORS_ORIGINS may call the service. Where nobody needs
 * a key, the others may not even send what changes something: a browser is a program of this machine that runs pages of strangers.
 * A key needs no such guard, because it travels in a header that those pages do not know.
 */
export const crossOrigin = fp<Pick<Services, 'config' | 'keys'>>(async (app, { config, keys }) => {
  const { corsOrigins, host } = config;
  const isForAll = corsOrigins.includes('*');
  if (corsOrigins.length > 0) {
    const origin = isForAll ? '*' : [...corsOrigins];
    await app.register(cors, { origin, exposedHeaders: EXPOSED_HEADERS, maxAge: PREFLIGHT_SECONDS });
  }

  app.addHook('onRequest', async (request) => {
    if (!keys.isAnonymousAllowed || request.routeOptions.config.access === 'public') return;
    if (keys.isLocalAlone && !isLocalName(request.hostname, host)) throw foreignHostError(request.hostname);
    if (SAFE_METHODS.includes(request.method) || isForAll) return;
    const { origin } = request.headers;
    if (origin !== undefined && !corsOrigins.includes(origin) && isForeign(request)) throw foreignOriginError(origin);
  });
});

/**
 * Whether a name means this machine. A page of a stranger can make its own name mean 127.0.0.1 after it was loaded (DNS rebinding), so
 * that the browser takes the service for the origin of that page. Nobody can have a name without a dot but the network of this machine.
 */
function isLocalName(hostname: string, listenHost: string): boolean {
  const name = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return !name.includes('.') || isIP(name) !== 0 || name.endsWith('.localhost') || name === listenHost.toLowerCase();
}

/** Whether a page of another origin sent a request. Browsers say so; older ones, and where the service has no TLS, only name the origin. */
function isForeign({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return URL.parse(headers.origin ?? '')?.host !== headers.host;
}

function foreignHostError(hostname: string): PanelvecError {
  const problem = `"${hostname}" is no name of this machine`;
  const hint = 'use 127.0.0.1 or localhost; behind a proxy, make keys or set PANELVEC_ALLOW_ANONYMOUS=1';
  return new PanelvecError('origin_forbidden', `Host: ${problem}: ${hint}`);
}

function foreignOriginError(origin: string): PanelvecError {
  const problem = `pages of ${origin} may not change anything here while nobody needs a key`;
  return new PanelvecError('origin_forbidden', `Origin: ${problem}: add it to PANELVEC_CORS_ORIGINS, or make keys`);
}
