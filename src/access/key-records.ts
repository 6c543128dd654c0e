import type { Queryable } from '../database/transaction.ts';
import { PanelvecError } from '../errors.ts';
import { type KeyLimits, NO_LIMITS } from './key-limits.ts';
import { formatKey, makeKey, secretTag } from './key-text.ts';
import type { Scope } from './scopes.ts';
import { hashSecret } from './secret-hash.ts';

/** A key as the database has it. The key itself is in no record. */
export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly secretTag: number;
  readonly secretHash: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly limits: KeyLimits;
}

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Null for a key that does not expire */
  readonly expiresAt: Date | null;
  readonly limits?: Partial<KeyLimits>;
}

const COLUMNS = `id, name, scopes, secret_tag AS "secretTag", secret_hash AS "secretHash", created_at AS "createdAt",
  expires_at AS "expiresAt", revoked_at AS "revokedAt", last_used_at AS "lastUsedAt",
  json_build_object('requestsPerMinute', requests_per_minute, 'maxConcurrent', max_concurrent, 'panelsPerDay', panels_per_day)
    AS limits`;

/** Makes a key. @returns its text, which nobody can find out again */
export async function createKey(
  queries: Queryable,
  { name, scopes, expiresAt, limits }: NewKey,
): Promise<{ readonly id: string; readonly key: string }> {
  const parts = makeKey();
  const { requestsPerMinute, maxConcurrent, panelsPerDay } = { ...NO_LIMITS, ...limits };
  await queries.query(
    `INSERT INTO panelvec.api_keys
       (id, name, scopes, secret_tag, secret_hash, expires_at, requests_per_minute, max_concurrent, panels_per_day)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      parts.id,
      name,
      scopes,
      secretTag(parts.secret),
      await hashSecret(parts.secret),
      expiresAt,
      requestsPerMinute,
      maxConcurrent,
      panelsPerDay,
    ],
  );
  return { id: parts.id, key: formatKey(parts) };
}

/** All keys, also revoked and expired ones, oldest first. */
export async function listKeys(queries: Queryable): Promise<KeyRecord[]> {
  const { rows } = await queries.query<KeyRecord>(`SELECT ${COLUMNS} FROM panelvec.api_keys ORDER BY created_at, id`);
  return rows;
}

/** Ends a key for good. One that was revoked before stays as it is. @throws PanelvecError not_found */
export async function revokeKey(queries: Queryable, id: string): Promise<KeyRecord> {
  const { rows } = await queries.query<KeyRecord>(
    `UPDATE panelvec.api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  );
  const [record] = rows;
  // The id is not repeated: it may be a whole key.
  if (record === undefined)
    throw new PanelvecError('not_found', 'no key has this id: `panelvec keys list` shows the ids');
  return record;
}

/** Records that keys were used just now. */
export async function recordKeyUses(queries: Queryable, ids: readonly string[]): Promise<void> {
  await queries.query('UPDATE panelvec.api_keys SET last_used_at = now() WHERE id = ANY($1)', [ids]);
}
