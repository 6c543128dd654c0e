import type { Migrations } from '../database/migrations.ts';

/** The tables of aliases, which say what model is in service. */
export const ALIAS_MIGRATIONS: Migrations = {
  table: 'panelvec.alias_migrations',
  statements: [
    `
    -- Of all aliases together: an alias that is removed and made again does not repeat a number.
    CREATE SEQUENCE panelvec.alias_revision;

    CREATE TABLE panelvec.model_aliases (
      alias text PRIMARY KEY,
      model text NOT NULL,
      previous text,
      canary jsonb,
      last_canary jsonb,
      revision bigint NOT NULL DEFAULT nextval('panelvec.alias_revision'),
      activated_at timestamptz NOT NULL DEFAULT now(),
      changed_at timestamptz NOT NULL DEFAULT now()
    );
    `,
  ],
};
