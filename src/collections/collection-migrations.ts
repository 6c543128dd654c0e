import type { Migrations } from '../database/migrations.ts';

/** The tables of collections. Each collection also has tables of its own (collection-tables.ts): its vectors have a width. */
export const COLLECTION_MIGRATIONS: Migrations = {
  table: 'panelvec.collection_migrations',
  statements: [
    'CREATE EXTENSION IF NOT EXISTS vector',
    `
    CREATE TABLE panelvec.collections (
      id bigserial PRIMARY KEY,
      name text NOT NULL,
      job_id uuid NOT NULL UNIQUE,
      model text NOT NULL,
      space text NOT NULL,
      dimensions integer NOT NULL,
      source jsonb NOT NULL,
      state text NOT NULL DEFAULT 'indexing',
      pages integer NOT NULL DEFAULT 0,
      panels integer NOT NULL DEFAULT 0,
      facets jsonb,
      created_at timestamptz NOT NULL DEFAULT now(),
      ready_at timestamptz
    );
    -- A new collection is filled beside the one that is searched, and takes its place when it is ready.
    CREATE UNIQUE INDEX collections_by_name ON panelvec.collections (name) WHERE state = 'ready';
    `,
    // The points of a map are kept as they are sent (map/map-points.ts).
    `
    CREATE TABLE panelvec.collection_maps (
      collection_id bigint PRIMARY KEY REFERENCES panelvec.collections ON DELETE CASCADE,
      summary jsonb NOT NULL,
      points bytea NOT NULL,
      points_sha256 text NOT NULL
    );
    `,
    // Which attempt may write the rows of a part, and which parts are complete (part-writer.ts).
    `
    CREATE TABLE panelvec.collection_parts (
      collection_id bigint NOT NULL REFERENCES panelvec.collections ON DELETE CASCADE,
      part integer NOT NULL,
      attempt uuid NOT NULL,
      is_complete boolean NOT NULL DEFAULT false,
      PRIMARY KEY (collection_id, part)
    );
    `,
  ],
};
