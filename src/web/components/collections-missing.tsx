import { useEffect } from 'preact/hooks';
import type { JobResponse } from '../../http/routes/jobs/job-schemas.ts';
import { getJson } from '../api/client.ts';
import type { Collection } from '../api/collections.ts';
import { usePolling } from '../api/use-polling.ts';
import type { RequestState } from '../api/use-request.ts';
import { routeHref } from '../app/route.ts';
import { EmptyState } from './empty-state.tsx';
import { ErrorMessage } from './error-message.tsx';
import { Loading } from './loading.tsx';

const POLL_MS = 2000;

interface CollectionsMissingProps {
  /** The title of the view */
  readonly title: string;
  readonly request: RequestState<readonly Collection[]>;
}

/** In place of a view of collections while there is none: the error, the wait, or how to get one. */
export function CollectionsMissing({ title, request: { data, error, reload } }: CollectionsMissingProps) {
  if (error) {
    return (
      <>
        <h1>{title}</h1>
        <ErrorMessage error={error} />
        <button type="button" onClick={reload}>
          Try again
        </button>
      </>
    );
  }
  return data ? <NoCollections onReady={reload} /> : <Loading label="Collections are loading" />;
}

/** Before there is anything to search: how to get it, or how far it is. */
function NoCollections({ onReady }: { readonly onReady: () => void }) {
  const { data: jobs = [] } = usePolling(listIndexJobs, POLL_MS, []);
  const current = jobs.find(({ state }) => state === 'queued' || state === 'running');
  const isDone = !current && jobs.some(({ state }) => state === 'succeeded');
  useEffect(() => {
    if (isDone) onReady();
  }, [isDone]);
  if (current) return <Indexing job={current} />;
  return (
    <>
      <h1>Search</h1>
      <EmptyState title="There is nothing to search yet">
        <p>
          Panels are searched in a collection, which an index job makes of a dataset or of a store. Submit one in{' '}
          <a href={routeHref('jobs')}>Jobs</a>, or in a shell:
        </p>
        <pre>
          <code>{`npx panelvec jobs submit index.json

{ "type": "index", "output": "comics", "model": "compact",
  "dataset": { "pages": "comics" } }`}</code>
        </pre>
      </EmptyState>
    </>
  );
}

function Indexing({ job: { id, spec, progress } }: { readonly job: JobResponse }) {
  const { done, total, phase } = progress;
  return (
    <>
      <h1>Search</h1>
      <EmptyState title={`The collection ${String(spec['output'])} is being made`}>
        <p>You can search when it is complete.</p>
        <progress value={total === null ? undefined : done} max={total ?? undefined} aria-label="Pages that are done" />
        <p class="hint">
          {total === null ? phase : `${phase}: ${done} of ${total} pages`} ·{' '}
          <a href={routeHref('jobs', [id])}>the job</a>
        </p>
      </EmptyState>
    </>
  );
}

async function listIndexJobs(signal: AbortSignal): Promise<readonly JobResponse[]> {
  return (await getJson<{ data: JobResponse[] }>('/v1/jobs?type=index&limit=5', { signal })).data;
}
