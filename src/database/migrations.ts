import { ADVISORY_LOCKS } from './advisory-locks.ts';
import type { Queryable } from './transaction.ts';

/** Statements that bring tables up to date. Each runs once, in this order. One that has been released is never edited. */
export interface Migrations {
  /** The table that records which of them have run */
  readonly table: string;
  readonly statements: readonly string[];
}

const JOB_STATEMENTS: readonly string[] = [
  `
  CREATE SEQUENCE panelvec.revision;

  CREATE TABLE panelvec.jobs (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    spec jsonb NOT NULL,
    idempotency_key text UNIQUE,
    state text NOT NULL DEFAULT 'queued',
    phase text NOT NULL DEFAULT 'queued',
    attempts integer NOT NULL DEFAULT 0,
    plan jsonb,
    error jsonb,
    artifacts jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    revision bigint NOT NULL DEFAULT nextval('panelvec.revision')
  );
  CREATE INDEX jobs_by_time ON panelvec.jobs (created_at DESC, id DESC);

  -- What two jobs would write to at a time.
  CREATE UNIQUE INDEX jobs_by_output ON panelvec.jobs (type, (spec->>'output'))
    WHERE state IN ('queued', 'running', 'cancelling');

  CREATE TABLE panelvec.tasks (
    id uuid PRIMARY KEY,
    job_id uuid NOT NULL REFERENCES panelvec.jobs ON DELETE CASCADE,
    step text NOT NULL,
    part integer NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    worker text,
    losses integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL,
    bad bigint NOT NULL DEFAULT 0,
    rate double precision NOT NULL DEFAULT 0,
    UNIQUE (job_id, step, part)
  );
  `,
  'ALTER TABLE panelvec.tasks ADD COLUMN detail jsonb',
  'ALTER TABLE panelvec.jobs ADD COLUMN request_sha256 text',
  // The queue of tasks, which pg-boss kept in a schema of its own before: all that is unfinished waits for a worker again.
  // A task that was running stays so, and counts as lost once when the next worker begins it.
  `
  ALTER TABLE panelvec.tasks
    ADD COLUMN queued boolean NOT NULL DEFAULT false,
    ADD COLUMN sequence bigserial,
    ADD COLUMN available_at timestamptz NOT NULL DEFAULT now();
  ALTER TABLE panelvec.tasks ALTER COLUMN queued SET DEFAULT true;
  UPDATE panelvec.tasks SET queued = true, sequence = unfinished.sequence
    FROM (
      SELECT tasks.id, row_number() OVER (ORDER BY jobs.created_at, jobs.id, step = 'finish', part) AS sequence
      FROM panelvec.tasks AS tasks JOIN panelvec.jobs AS jobs ON jobs.id = job_id
      WHERE (jobs.state IN ('queued', 'running') AND tasks.state <> 'done')
        OR (jobs.state = 'cancelling' AND tasks.state = 'running')
    ) AS unfinished
    WHERE tasks.id = unfinished.id;
  CREATE INDEX tasks_queued ON panelvec.tasks (sequence) WHERE queued;
  DROP SCHEMA IF EXISTS panelvec_queue CASCADE;
  `,
  // A dry run writes to no output.
  `
  DROP INDEX panelvec.jobs_by_output;
  CREATE UNIQUE INDEX jobs_by_output ON panelvec.jobs (type, (spec->>'output'))
    WHERE state IN ('queued', 'running', 'cancelling') AND spec->'dry_run' IS DISTINCT FROM 'true'::jsonb;
  `,
  // The headers of the trace that the submission was part of: the tasks of the job are part of it, too.
  'ALTER TABLE panelvec.jobs ADD COLUMN trace_headers jsonb',
];

/** The tables of jobs and their queue. */
export const JOB_MIGRATIONS: Migrations = { table: 'panelvec.migrations', statements: JOB_STATEMENTS };

/** Runs the migrations that the database lacks. To be called within a transaction. */
export async function runMigrations(client: Queryable, { table, statements }: Migrations): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.migration]);
  await client.query('CREATE SCHEMA IF NOT EXISTS panelvec');
  await client.query(`CREATE TABLE IF NOT EXISTS ${table} (version integer PRIMARY KEY)`);
  const { rows } = await client.query<{ version: number }>(`SELECT version FROM ${table}`);
  const appliedVersions = new Set(rows.map(({ version }) => version));
  for (const [version, sql] of statements.entries()) {
    if (appliedVersions.has(version)) continue;
    await client.query(sql);
    await client.query(`INSERT INTO ${table} VALUES ($1)`, [version]);
  }
}
