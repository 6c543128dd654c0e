import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { routeHref } from '../../app/route.ts';
import { ErrorMessage } from '../../components/error-message.tsx';
import { LinkButton } from '../../components/link-button.tsx';
import { Loading } from '../../components/loading.tsx';
import { Time } from '../../components/time.tsx';
import { CancelJob } from './cancel-job.tsx';
import { JobArtifacts } from './job-artifacts.tsx';
import { JobDetail } from './job-detail.tsx';
import { JobProgress } from './job-progress.tsx';
import { hasEnded, JobState } from './job-state.tsx';
import { RateHistory } from './rate-history.tsx';
import { TrainingCharts } from './training-charts.tsx';
import { useJob } from './use-job.ts';

/** A job as it goes, and what came of it. */
export function JobPage({ id }: { readonly id: string }) {
  const { job, error } = useJob(id);
  return (
    <>
      <p class="breadcrumb">
        <a href={routeHref('jobs')}>All jobs</a>
      </p>
      {error !== undefined && <ErrorMessage error={error} />}
      {job ? <Job job={job} /> : error === undefined && <Loading label="The job is loading" />}
    </>
  );
}

function Job({ job }: { readonly job: JobResponse }) {
  const { type, state, spec, error, progress } = job;
  const output = String(spec['output']);
  return (
    <>
      <header class="view-header">
        <h1>
          {type} {output}
        </h1>
        {(state === 'queued' || state === 'running') && <CancelJob job={job} />}
      </header>
      <section class="job-summary" aria-live="polite">
        <p>
          <JobState state={state} />
          {error && <> by {error.code}</>}
        </p>
        <JobProgress job={job} />
      </section>
      <NextSteps job={job} />
      {!hasEnded(state) && <RateHistory progress={progress} />}
      {type === 'train' && <TrainingCharts job={job} />}
      {progress.detail && <JobDetail detail={progress.detail} />}
      <JobArtifacts job={job} />
      <section>
        <h2>Submitted</h2>
        <p>
          <Time value={job.created_at} />
          {job.started_at && (
            <>
              , started <Time value={job.started_at} />
            </>
          )}
          {job.finished_at && (
            <>
              , ended <Time value={job.finished_at} />
            </>
          )}
          {job.attempts > 1 && `, work on it began ${job.attempts} times`}
        </p>
        <details>
          <summary>The spec, with all defaults</summary>
          <pre>
            <code>{JSON.stringify(spec, undefined, 2)}</code>
          </pre>
        </details>
        <p>
          <a href={routeHref('jobs', ['new'], { spec: JSON.stringify(spec) })}>Submit a job like this</a>
        </p>
      </section>
    </>
  );
}

/** Where the result of a job is used. */
function NextSteps({ job: { type, state, spec } }: { readonly job: JobResponse }) {
  if (state !== 'succeeded' || spec['dry_run'] === true) return null;
  const output = String(spec['output']);
  if (type === 'index') {
    return (
      <p class="next-steps">
        <LinkButton href={routeHref('search', [], { collection: output })}>Search it</LinkButton>{' '}
        <LinkButton href={routeHref('map', [], { collection: output })} isSecondary>
          See its map
        </LinkButton>
      </p>
    );
  }
  if (type !== 'embed') return null;
  const indexSpec = { type: 'index', store: output, output };
  return (
    <p class="next-steps">
      <LinkButton href={routeHref('jobs', ['new'], { spec: JSON.stringify(indexSpec) })}>Make it searchable</LinkButton>
    </p>
  );
}
