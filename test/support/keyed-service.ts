import { before } from 'node:test';
import type { KeyLimits } from '../../src/access/key-limits.ts';
import { createKey } from '../../src/access/key-records.ts';
import type { Scope } from '../../src/access/scopes.ts';
import type { Environment } from '../../src/config.ts';
import { type TinyService, useTinyService } from './tiny-service.ts';

export interface KeyedService extends TinyService {
  /** A key of each scope */
  readonly keyOf: Readonly<Record<Scope, string>>;
  /** Makes a key. @returns its id and its text */
  makeKey(
    scopes: readonly Scope[],
    fields?: { readonly name?: string; readonly expiresAt?: Date | null; readonly limits?: Partial<KeyLimits> },
  ): ReturnType<typeof createKey>;
}

/** Starts a service with the model `tiny`, an embedded database and a key of each scope before the tests of a file, and stops it after them. */
export function useKeyedService(environment: Environment = {}): KeyedService {
  const tiny = useTinyService({ PANELVEC_JOBS: 'on', PANELVEC_WORKERS: '0', ...environment });
  const makeKey: KeyedService['makeKey'] = (scopes, { name = scopes.join('+'), expiresAt = null, limits = {} } = {}) =>
    tiny.services.database.use((database) => createKey(database, { name, scopes, expiresAt, limits }));
  const keyOf: Record<Scope, string> = { embed: '', search: '', jobs: '', admin: '' };
  before(async () => {
    for (const scope of ['embed', 'search', 'jobs', 'admin'] as const) keyOf[scope] = (await makeKey([scope])).key;
  });
  return Object.assign(tiny, { keyOf, makeKey });
}
