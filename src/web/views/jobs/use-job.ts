import { EventSource } from 'eventsource';
import { useEffect, useState } from 'preact/hooks';
import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { fetchWithKey, getJson } from '../../api/client.ts';
import { useAccess } from '../../api/use-access.ts';
import { hasEnded } from './job-state.tsx';

interface JobWatch {
  readonly job: JobResponse | undefined;
  readonly error: unknown;
}

/**
 * Watches a job by server-sent events until it has ended, and connects again where the connection breaks. The EventSource is that
 * of a library, because that of browsers sends no key.
 */
export function useJob(id: string): JobWatch {
  const [watch, setWatch] = useState<JobWatch>({ job: undefined, error: undefined });
  const { key } = useAccess();
  useEffect(() => {
    const path = `/v1/jobs/${encodeURIComponent(id)}`;
    const events = new EventSource(new URL(`${path}/events`, location.href), { fetch: fetchWithKey });
    events.addEventListener('job', ({ data }: MessageEvent<string>) => {
      const job: JobResponse = JSON.parse(data);
      // Otherwise it would ask again, because the service ends the stream.
      if (hasEnded(job.state)) events.close();
      setWatch({ job, error: undefined });
    });
    // An event does not say what went wrong; a request does.
    events.addEventListener('error', () => {
      getJson<JobResponse>(path).then(
        (job) => setWatch({ job, error: undefined }),
        (error: unknown) => setWatch(({ job }) => ({ job, error })),
      );
    });
    return () => events.close();
  }, [id, key]);
  return watch;
}
