import type { JobListResponse, JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { getJson } from '../../api/client.ts';
import { usePolling } from '../../api/use-polling.ts';
import { navigate, routeHref } from '../../app/route.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorMessage } from '../../components/error-message.tsx';
import { LinkButton } from '../../components/link-button.tsx';
import { Loading } from '../../components/loading.tsx';
import { Time } from '../../components/time.tsx';
import { JobProgress } from './job-progress.tsx';
import { JOB_STATES, JobState } from './job-state.tsx';

const POLL_INTERVAL_MS = 2000;
const FILTERS = ['state', 'type', 'after'] as const;

/** The jobs, newest first, as far as they are. The address has the filter. */
export function JobList({ params }: { readonly params: URLSearchParams }) {
  const query = new URLSearchParams(
    FILTERS.flatMap((name) => (params.has(name) ? [[name, params.get(name) ?? '']] : [])),
  );
  const { data, error } = usePolling(
    (signal) => getJson<JobListResponse>(`/v1/jobs?${query}`, { signal }),
    POLL_INTERVAL_MS,
    [query.toString()],
  );
  const [state, type, after] = FILTERS.map((name) => params.get(name) ?? undefined);
  return (
    <>
      <header class="view-header">
        <h1>Jobs</h1>
        <LinkButton href={routeHref('jobs', ['new'])}>New job</LinkButton>
      </header>
      <label class="state-filter">
        State{' '}
        <select
          value={state ?? ''}
          onChange={({ currentTarget }) => navigate(routeHref('jobs', [], { state: currentTarget.value, type }))}
        >
          <option value="">all</option>
          {JOB_STATES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {error !== undefined && <ErrorMessage error={error} />}
      {data === undefined && error === undefined && <Loading />}
      {data?.data.length === 0 && <NoJobs isFiltered={query.size > 0} />}
      {data && data.data.length > 0 && <JobTable jobs={data.data} />}
      <nav class="pager" aria-label="Pages of jobs">
        {after && <a href={routeHref('jobs', [], { state, type })}>Newest jobs</a>}
        {data?.next && <a href={routeHref('jobs', [], { state, type, after: data.next })}>Older jobs</a>}
      </nav>
    </>
  );
}

function JobTable({ jobs }: { readonly jobs: readonly JobResponse[] }) {
  return (
    <div class="table-scroll">
      <table class="job-table">
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">Progress</th>
            <th scope="col">Submitted</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              <th scope="row">
                <a href={routeHref('jobs', [job.id])}>
                  {job.type} {String(job.spec['output'])}
                </a>
                {job.spec['dry_run'] === true && <small> dry run</small>}
              </th>
              <td>
                <JobState state={job.state} />
              </td>
              <td>
                <JobProgress job={job} />
              </td>
              <td>
                <Time value={job.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NoJobs({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState title="No job is like this">
        <p>
          <a href={routeHref('jobs')}>Show all jobs</a>
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="There are no jobs yet">
      <p>
        A job embeds a whole corpus, makes it searchable, trains a model or measures one, while the service answers
        requests.
      </p>
      <p>
        <LinkButton href={routeHref('jobs', ['new'])}>New job</LinkButton>
      </p>
    </EmptyState>
  );
}
