import { z } from 'zod';
import { defineSetting, positiveInteger, type Settings, seconds } from './setting.ts';

/** A name or an address; that of IPv6 also in brackets, as in a URL. */
const hostSchema = z
  .string()
  .transform((host) => host.replace(/^\[(.*)\]$/, '$1'))
  .pipe(
    z
      .string()
      .min(1)
      .regex(/^(?!.*[/\s])(?!\[)(?![^:]*:\d+$)/, 'must be a name or an address, without a scheme and a port'),
  );

const corsOrigins = z
  .string()
  .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
  .pipe(
    z.array(
      z
        .string()
        .refine((text) => text === '*' || isOrigin(text), 'must be origins such as https://comics.example.org, or *'),
    ),
  );

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}

/** What the HTTP server listens on, and how it starts and stops. */
export const SERVER_SETTINGS = {
  host: defineSetting('HOST', hostSchema, '127.0.0.1', 'address that the service listens on'),
  port: defineSetting(
    'PORT',
    z.coerce.number().int().min(0).max(65_535),
    8080,
    'port that the service listens on; 0 for a free one',
  ),
  healthPort: defineSetting(
    'PANELVEC_HEALTH_PORT',
    z
      .string()
      .regex(/^\d{0,5}$/, 'must be a port')
      .transform((text) => (text === '' ? undefined : Number(text)))
      .refine((port) => port === undefined || port <= 65_535, 'must be a port'),
    '',
    'port that answers GET /health/live from a thread of its own, which load does not reach; none without it',
  ),
  maxConnections: defineSetting(
    'PANELVEC_MAX_CONNECTIONS',
    positiveInteger,
    4096,
    'maximum open connections; further ones are closed at once',
  ),
  allowAnonymous: defineSetting(
    'PANELVEC_ALLOW_ANONYMOUS',
    z.enum(['0', '1']),
    '0',
    'whether everybody may do everything without a key: 0 or 1; at first no key is needed on a loopback address',
  ),
  corsOrigins: defineSetting(
    'PANELVEC_CORS_ORIGINS',
    corsOrigins,
    '',
    'comma-separated origins whose pages may call the service in browsers, such as https://comics.example.org; * for all',
  ),
  requestTimeoutSeconds: defineSetting(
    'PANELVEC_REQUEST_TIMEOUT_SECONDS',
    seconds,
    60,
    'maximum seconds to receive a request',
  ),
  drainTimeoutSeconds: defineSetting(
    'PANELVEC_DRAIN_TIMEOUT_SECONDS',
    seconds,
    30,
    'maximum seconds to finish requests after SIGTERM',
  ),
  logLevel: defineSetting(
    'LOG_LEVEL',
    z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']),
    'info',
    'lowest level of log lines: silent, fatal, error, warn, info, debug or trace',
  ),
} as const satisfies Settings;
