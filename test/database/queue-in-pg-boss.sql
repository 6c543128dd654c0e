-- A database as it was written while pg-boss kept the queue: the first three migrations, and pg-boss's schema in outline.
CREATE SCHEMA panelvec;
CREATE TABLE panelvec.migrations (version integer PRIMARY KEY);
INSERT INTO panelvec.migrations VALUES (0), (1), (2);
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
  revision bigint NOT NULL DEFAULT nextval('panelvec.revision'),
  request_sha256 text
);
CREATE INDEX jobs_by_time ON panelvec.jobs (created_at DESC, id DESC);
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
  detail jsonb,
  UNIQUE (job_id, step, part)
);

CREATE SCHEMA panelvec_queue;
CREATE TYPE panelvec_queue.job_state AS ENUM ('created', 'retry', 'active', 'completed', 'cancelled', 'failed');
CREATE TABLE panelvec_queue.queue (name text PRIMARY KEY, heartbeat_seconds integer);
CREATE TABLE panelvec_queue.job (
  id uuid NOT NULL,
  name text NOT NULL,
  data jsonb,
  state panelvec_queue.job_state NOT NULL DEFAULT 'created',
  heartbeat_on timestamptz,
  PRIMARY KEY (name, id)
) PARTITION BY LIST (name);
CREATE TABLE panelvec_queue.job_common PARTITION OF panelvec_queue.job DEFAULT;
ALTER TABLE panelvec_queue.job ADD FOREIGN KEY (name) REFERENCES panelvec_queue.queue (name) DEFERRABLE;
CREATE FUNCTION panelvec_queue.count_active() RETURNS bigint LANGUAGE sql AS
  $$ SELECT count(*) FROM panelvec_queue.job WHERE state = 'active' $$;

-- In an order that is not that of their age, with the ids in no order either.
INSERT INTO panelvec.jobs (id, type, spec, state, attempts, plan, created_at) VALUES
  ('00000000-0000-4000-8000-00000000000c', 'embed', '{"output": "c"}', 'queued', 0, NULL, '2026-01-03'),
  ('00000000-0000-4000-8000-00000000000f', 'embed', '{"output": "f"}', 'running', 1, '{"mostBad": 0}', '2026-01-01'),
  ('00000000-0000-4000-8000-00000000000a', 'embed', '{"output": "a"}', 'cancelling', 1, '{"mostBad": 0}', '2026-01-02'),
  ('00000000-0000-4000-8000-00000000000b', 'embed', '{"output": "b"}', 'cancelled', 0, NULL, '2026-01-02'),
  ('00000000-0000-4000-8000-00000000000d', 'embed', '{"output": "d"}', 'failed', 1, '{"mostBad": 0}', '2026-01-02'),
  ('00000000-0000-4000-8000-00000000000e', 'embed', '{"output": "e"}', 'succeeded', 1, '{"mostBad": 0}', '2026-01-02');
INSERT INTO panelvec.tasks (id, job_id, step, part, state, worker, losses, total) VALUES
  ('10000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-00000000000c', 'plan', 0, 'waiting', NULL, 0, 0),
  ('20000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-00000000000f', 'part', 2, 'waiting', NULL, 0, 9),
  ('20000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-00000000000f', 'part', 1, 'running', 'host:1:x', 2, 9),
  ('20000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000f', 'part', 0, 'done', NULL, 0, 9),
  ('20000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-00000000000f', 'plan', 0, 'done', NULL, 0, 0),
  ('30000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000a', 'part', 0, 'running', 'host:2:x', 0, 9),
  ('30000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-00000000000a', 'part', 1, 'waiting', NULL, 0, 9),
  ('40000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-00000000000b', 'plan', 0, 'waiting', NULL, 0, 0),
  ('50000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-00000000000d', 'part', 0, 'waiting', NULL, 0, 9),
  ('60000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-00000000000e', 'finish', 0, 'done', NULL, 0, 0);
INSERT INTO panelvec_queue.queue VALUES ('tasks', 10);
INSERT INTO panelvec_queue.job (id, name, data, state, heartbeat_on)
  SELECT tasks.id, 'tasks', jsonb_build_object('jobId', job_id, 'step', step, 'part', part),
    (CASE tasks.state WHEN 'running' THEN 'active' WHEN 'done' THEN 'completed' ELSE 'created' END)::panelvec_queue.job_state,
    CASE WHEN tasks.state = 'running' THEN now() END
  FROM panelvec.tasks AS tasks JOIN panelvec.jobs AS jobs ON jobs.id = job_id
  WHERE jobs.state IN ('queued', 'running') OR tasks.state IN ('running', 'done');
