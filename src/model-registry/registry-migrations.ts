import type { Migrations } from '../database/migrations.ts';

const STATEMENTS: readonly string[] = [
  `
  CREATE TABLE panelvec.models (
    id text PRIMARY KEY,
    space text NOT NULL,
    folder text NOT NULL,
    spec jsonb NOT NULL,
    spec_sha256 text NOT NULL,
    weights_sha256 text NOT NULL,
    origin jsonb,
    golden jsonb,
    -- What a comparison of all files with their hashes has found, and the state of the files that it was found in.
    problem text,
    problem_state text,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
  );

  -- The evaluations whose measures have been entered, also those that measured no registered model.
  CREATE TABLE panelvec.measured_evaluations (
    id uuid PRIMARY KEY,
    fingerprint text,
    created_at timestamptz NOT NULL DEFAULT now()
  );

  CREATE TABLE panelvec.model_measures (
    model_id text NOT NULL REFERENCES panelvec.models ON DELETE CASCADE,
    evaluation uuid NOT NULL REFERENCES panelvec.measured_evaluations ON DELETE CASCADE,
    space text NOT NULL,
    measures jsonb NOT NULL,
    PRIMARY KEY (model_id, evaluation)
  );
  `,
];

/** The tables of model versions and of what evaluations have measured of them. */
export const REGISTRY_MIGRATIONS: Migrations = { table: 'panelvec.registry_migrations', statements: STATEMENTS };
