import { Fragment } from 'preact';
import { useEffect } from 'preact/hooks';
import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { getJson } from '../../api/client.ts';
import type { Collection } from '../../api/collections.ts';
import { useRequest } from '../../api/use-request.ts';
import { routeHref } from '../../app/route.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { CollectionFaces } from './collection-faces.tsx';
import { queryHref, type SearchQuery } from './search-query.ts';

const POLL_MS = 2000;
const EXAMPLES = ['a cat', 'the sea at night', 'somebody runs away', 'a surprised face'];

/** Before there is anything to search: how to get it, or how far it is. */
export function NoCollections({ onReady }: { readonly onReady: () => void }) {
  const { data: jobs = [], reload } = useRequest(listIndexJobs, []);
  const current = jobs.find(({ state }) => state === 'queued' || state === 'running');
  const isDone = !current && jobs.some(({ state }) => state === 'succeeded');
  useEffect(() => {
    if (isDone) onReady();
    const timer = setInterval(reload, POLL_MS);
    return () => clearInterval(timer);
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

/** A collection whose model is not served: its panels can be looked at, not searched. */
export function CollectionNotSearchable({ collection }: { readonly collection: Collection }) {
  return (
    <p class="message message-note" role="status">
      The collection {collection.name} was made by <strong>{collection.model}</strong>, which this service does not
      serve. Words and pictures find nothing in it until the service serves that model (PANELVEC_MODELS), or the
      collection is made again.
    </p>
  );
}

interface StartHintProps {
  readonly query: SearchQuery;
  readonly collection: Collection | undefined;
}

/** Before the first search. */
export function StartHint({ query, collection }: StartHintProps) {
  return (
    <>
      <div class="start-hint">
        <p>
          Type words, drop or paste a picture, or both
          {collection &&
            `: ${collection.panels.toLocaleString('en')} panels on ${collection.pages.toLocaleString('en')} pages`}
          .
        </p>
        <p>
          Try{' '}
          {EXAMPLES.map((text, i) => (
            <Fragment key={text}>
              {i > 0 && ' · '}
              <a href={queryHref({ ...query, text })}>{text}</a>
            </Fragment>
          ))}
        </p>
      </div>
      {collection && <CollectionFaces query={query} collection={collection} />}
    </>
  );
}

async function listIndexJobs(signal: AbortSignal): Promise<readonly JobResponse[]> {
  return (await getJson<{ data: JobResponse[] }>('/v1/jobs?type=index&limit=5', { signal })).data;
}
