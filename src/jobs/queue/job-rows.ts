import type { Artifact, Job, JobError, JobState, Progress } from '../job.ts';

/** A job as SELECT_JOBS reads it. */
export interface JobRow {
  id: string;
  type: string;
  spec: Record<string, unknown>;
  state: JobState;
  phase: string;
  attempts: number;
  error: JobError | null;
  artifacts: Artifact[];
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  revision: string;
  done: string;
  total: string;
  rate: number;
  detail: Progress['detail'];
}

/**
 * Selects jobs with their progress, which is that of the plan, then of the parts, then of the finish if it reports any. The
 * detail is that of a running task, or the last one reported.
 */
export const SELECT_JOBS = `
  SELECT jobs.*, progress.*, reported.detail FROM panelvec.jobs AS jobs
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(done), 0) AS done, coalesce(sum(total), 0) AS total,
      coalesce(sum(rate) FILTER (WHERE tasks.state = 'running'), 0) AS rate
    FROM panelvec.tasks AS tasks
    WHERE job_id = jobs.id AND step = CASE
      WHEN jobs.plan IS NULL THEN 'plan'
      WHEN EXISTS (SELECT 1 FROM panelvec.tasks WHERE job_id = jobs.id AND step = 'finish' AND total > 0) THEN 'finish'
      ELSE 'part' END
  ) AS progress
  LEFT JOIN LATERAL (
    SELECT detail FROM panelvec.tasks AS tasks
    WHERE job_id = jobs.id AND detail IS NOT NULL
    ORDER BY tasks.state = 'running' DESC, array_position(ARRAY['plan', 'part', 'finish'], step) DESC, part DESC
    LIMIT 1
  ) AS reported ON true`;

export function toJob(row: JobRow): Job {
  const [done, total] = [Number(row.done), Number(row.total)];
  const isMoving = row.state === 'running' && row.rate > 0 && total > 0;
  return {
    id: row.id,
    type: row.type,
    spec: row.spec,
    state: row.state,
    progress: {
      done,
      total: total === 0 ? null : total,
      rate: row.rate,
      seconds_left: isMoving ? (total - done) / row.rate : null,
      phase: row.phase,
      detail: row.detail,
    },
    attempts: row.attempts,
    // A job whose data has failed it has its error before the reports are written and it ends.
    error: row.state === 'failed' ? row.error : null,
    created_at: row.created_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
    artifacts: row.artifacts,
    revision: Number(row.revision),
  };
}
