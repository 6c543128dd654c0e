import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { formatNumber } from '../../../report/format-number.ts';
import { formatDuration } from '../../components/format-values.ts';
import { hasEnded } from './job-state.tsx';

/** How far a job is: a bar while it runs, then what came of it. */
export function JobProgress({ job }: { readonly job: JobResponse }) {
  const { state, error, progress, started_at: startedAt, finished_at: finishedAt } = job;
  const { done, total, rate, seconds_left: secondsLeft, phase } = progress;
  if (error) return <span class="job-error">{error.message}</span>;
  if (hasEnded(state)) {
    const duration = startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : null;
    return (
      <span>
        {done} {total !== null && total !== done && `of ${total} `}pages
        {duration !== null && ` in ${formatDuration(duration)}`}
      </span>
    );
  }
  if (state === 'queued') return <span>waits for a worker</span>;
  const facts = [
    total === null ? `${done} pages` : `${done} of ${total} pages`,
    rate > 0 && `${formatNumber(rate, 3)} per second`,
    secondsLeft !== null && `${formatDuration(secondsLeft)} left`,
  ].filter((fact) => fact !== false);
  return (
    <div class="job-progress">
      <progress
        value={total === null ? undefined : done}
        max={total ?? undefined}
        aria-label={`Progress of ${phase}`}
      />
      <span>
        {phase}: {facts.join(', ')}
      </span>
    </div>
  );
}
