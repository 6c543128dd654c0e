import type { Queryable } from '../../database/transaction.ts';
import type { EmbedRate } from '../embed/describe-check.ts';

const MEASURED_JOBS = 5;
/** A shorter job measures how long its start takes. */
const MIN_PAGES = 100;

/** The slowest rate of the last jobs of a model: the faster ones may have found the features of their panels in the cache. */
export async function findEmbedRate(queries: Queryable, model: string): Promise<EmbedRate | undefined> {
  const { rows } = await queries.query<{ id: string; pages: number; seconds: number }>(
    `SELECT jobs.id, sum(tasks.done)::float AS pages, extract(epoch FROM finished_at - started_at)::float AS seconds
     FROM panelvec.jobs AS jobs JOIN panelvec.tasks AS tasks ON job_id = jobs.id AND step = 'part'
     WHERE jobs.type = 'embed' AND jobs.state = 'succeeded' AND jobs.spec->>'model' = $1
       AND jobs.spec->'dry_run' IS DISTINCT FROM 'true'::jsonb
     GROUP BY jobs.id HAVING sum(tasks.done) >= $2 AND finished_at > started_at
     ORDER BY finished_at DESC LIMIT $3`,
    [model, MIN_PAGES, MEASURED_JOBS],
  );
  const [slowest] = rows.sort((a, b) => a.pages / a.seconds - b.pages / b.seconds);
  if (slowest === undefined) return undefined;
  const { id, pages, seconds } = slowest;
  const basis = `measured: job ${id} embedded ${pages} pages with this model in ${Math.ceil(seconds)} s, the slowest of the last ${rows.length}; pages with more panels take longer`;
  return { unit: 'pages', perSecond: pages / seconds, basis };
}
