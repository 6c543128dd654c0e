import type { StatusResponse } from '../../../http/routes/service/status-route.ts';
import { routeHref } from '../../app/route.ts';

interface EngineTableProps {
  readonly engines: StatusResponse['engines'];
  readonly restarts: number;
}

/** Where the engines run. */
export function EngineTable({ engines, restarts }: EngineTableProps) {
  return (
    <article>
      <h3>Engines</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">Engine</th>
            <th scope="col">State</th>
            <th scope="col">Runs on</th>
          </tr>
        </thead>
        <tbody>
          {engines.map(({ device, index, warm, provider, fallback }) => (
            <tr key={`${device}/${index}`}>
              <th scope="row">{device}</th>
              <td>{index}</td>
              <td>{warm ? 'warm' : 'starting'}</td>
              <td>
                {provider ?? '–'}
                {fallback && <small> ({fallback})</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="facts">
        {restarts === 0 ? 'None has ended since the start.' : `Engines ended and were replaced ${restarts} times.`}
      </p>
    </article>
  );
}

interface JobsHealthProps {
  readonly jobs: StatusResponse['jobs'];
  readonly searchProblem: string | null;
}

/** The database and the workers of the jobs, and whether collections can be searched. */
export function JobsHealth({ jobs, searchProblem }: JobsHealthProps) {
  if (jobs === null) {
    return (
      <article>
        <h3>Jobs</h3>
        <p>
          This service takes no jobs (<code>PANELVEC_JOBS=off</code>).
        </p>
        <p>Search: {searchProblem ?? 'works'}</p>
      </article>
    );
  }
  const { database, database_problem: problem, workers, states } = jobs;
  const counts = Object.entries(states);
  return (
    <article>
      <h3>Jobs</h3>
      <dl>
        <dt>Database</dt>
        <dd>
          {database === 'embedded' ? 'the embedded one' : 'a PostgreSQL server'},{' '}
          {problem === null ? 'answers' : problem}
        </dd>
        <dt>Workers</dt>
        <dd>
          {workers.running} of {workers.expected} run
          {workers.asleep > 0 && `, ${workers.asleep} start with the next job`}
        </dd>
        <dt>Search</dt>
        <dd>{searchProblem ?? 'works'}</dd>
        {counts.map(([state, count]) => (
          <div key={state}>
            <dt>{state}</dt>
            <dd>
              <a href={routeHref('jobs', [], { state })}>
                {count} {count === 1 ? 'job' : 'jobs'}
              </a>
            </dd>
          </div>
        ))}
      </dl>
    </article>
  );
}
