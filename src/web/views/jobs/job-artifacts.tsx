import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { FileLink } from '../../components/file-link.tsx';
import { formatBytes } from '../../components/format-values.ts';

const REPORT = /\.html$/;

/** The files that a job has made. A report opens in a tab of its own; a folder is for programs. */
export function JobArtifacts({ job: { id, artifacts, state } }: { readonly job: JobResponse }) {
  if (artifacts.length === 0) return null;
  const base = `/v1/jobs/${id}/artifacts`;
  return (
    <section>
      <h2>{state === 'failed' ? 'Reports' : 'Results'}</h2>
      <ul class="artifacts">
        {artifacts.map(({ name, kind, bytes }) => (
          <li key={name}>
            {kind === 'file' ? (
              <FileLink path={`${base}/${encodeURIComponent(name)}`} name={name}>
                {REPORT.test(name) ? `Open ${name}` : name}
              </FileLink>
            ) : (
              <span>
                {name} <small>a folder, at </small>
                <code>{`${base}/${name}/`}</code>
              </span>
            )}
            {bytes !== null && <small> {formatBytes(bytes)}</small>}
          </li>
        ))}
      </ul>
    </section>
  );
}
