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
  // The counts of a minute may get lost with their server: an unlogged table writes no log.
  `
  ALTER TABLE panelvec.api_keys
    ADD COLUMN requests_per_minute integer,
    ADD COLUMN max_concurrent integer,
    ADD COLUMN panels_per_day integer;
  CREATE UNLOGGED TABLE panelvec.key_minutes (
    key_id text PRIMARY KEY,
    minute bigint NOT NULL,
    requests integer NOT NULL
  );
  CREATE TABLE panelvec.key_days (
    key_id text NOT NULL,
    day date NOT NULL,
    panels bigint NOT NULL,
    PRIMARY KEY (day, key_id)
  );
  `,
];

/** The tables of keys. */
export const ACCESS_MIGRATIONS: Migrations = { table: 'panelvec.access_migrations', statements: STATEMENTS };
