import type { Migrations } from '../database/migrations.ts';

const STATEMENTS: readonly string[] = [
  // Rows are never deleted: a service that has had a key does not become open because its last one was revoked.
  `
  CREATE TABLE panelvec.api_keys (
    id text PRIMARY KEY,
    name text NOT NULL,
    scopes text[] NOT NULL,
    secret_tag integer NOT NULL,
    secret_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
  );
  `,
];

/** The tables of keys. */
export const ACCESS_MIGRATIONS: Migrations = { table: 'panelvec.access_migrations', statements: STATEMENTS };
