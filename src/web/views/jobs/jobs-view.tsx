import type { Route } from '../../app/route.ts';
import { JobList } from './job-list.tsx';
import { JobPage } from './job-page.tsx';
import { SubmitJob } from './submit/submit-job.tsx';
import './jobs.css';

/** `#/jobs` lists, `#/jobs/new` submits, `#/jobs/<id>` watches. */
export function JobsView({ route }: { readonly route: Route }) {
  const [id] = route.segments;
  return (
    <div class="jobs-view">
      {id === undefined && <JobList params={route.params} />}
      {id === 'new' && <SubmitJob params={route.params} />}
      {id !== undefined && id !== 'new' && <JobPage key={id} id={id} />}
    </div>
  );
}
