import { useEffect, useState } from 'preact/hooks';
import type { StatusResponse } from '../../../http/routes/service/status-route.ts';
import { formatNumber } from '../../../report/format-number.ts';
import { getJson } from '../../api/client.ts';
import { usePolling } from '../../api/use-polling.ts';
import { ErrorMessage } from '../../components/error-message.tsx';
import { FileLink } from '../../components/file-link.tsx';
import { formatBytes, formatDuration } from '../../components/format-values.ts';
import { Loading } from '../../components/loading.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { EngineTable, JobsHealth } from './health-details.tsx';
import { addReading, type Rates, type Reading, toRates } from './status-history.ts';
import './health.css';

const POLL_INTERVAL_MS = 2000;

/** The service keeps no history, so this page does. It outlives a look at another view. */
let keptReadings: readonly Reading[] = [];

export function HealthView() {
  const { data: status, error } = usePolling(
    (signal) => getJson<StatusResponse>('/v1/status', { signal }),
    POLL_INTERVAL_MS,
    [],
  );
  const [readings, setReadings] = useState(keptReadings);
  useEffect(() => {
    if (status === undefined) return;
    keptReadings = addReading(keptReadings, { time: performance.now() / 1000, status });
    setReadings(keptReadings);
  }, [status]);

  return (
    <div class="health-view">
      <h1>Health</h1>
      {error !== undefined && <ErrorMessage error={error} />}
      {status ? (
        <Status status={status} rates={toRates(readings)} isStale={error !== undefined} />
      ) : (
        error === undefined && <Loading />
      )}
    </div>
  );
}

interface StatusProps {
  readonly status: StatusResponse;
  readonly rates: Rates;
  readonly isStale: boolean;
}

function Status({ status, rates, isStale }: StatusProps) {
  const { ready, problems, queue, totals, event_loop_delay: loopDelay } = status;
  const hasProblems = isStale || !ready || problems.length > 0;
  const verdict = isStale ? 'The service does not answer' : ready ? 'Ready' : 'Starting';
  const period = `the last ${formatDuration(rates.seconds)}`;
  return (
    <>
      <section aria-live="polite" class={hasProblems ? 'verdict verdict-bad' : 'verdict'}>
        <h2>{verdict}</h2>
        {problems.length === 0 ? (
          <p>{isStale ? 'What follows is its last answer.' : 'All engines are warm, and nothing is amiss.'}</p>
        ) : (
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        )}
      </section>
      <section class="tiles" aria-label={`Rates of ${period}`}>
        <Tile
          title="Panels and texts per second"
          values={rates.items}
          total={`${totals.items} since the start`}
          period={period}
        />
        <Tile
          title="Requests per second"
          values={rates.requests}
          total={`${totals.requests} since the start, ${totals.failed_requests} failed`}
          period={period}
        />
        <Tile
          title="Panels waiting"
          values={rates.waiting}
          total={`${queue.in_work} panels and ${queue.texts_in_work} texts are in work`}
          period={period}
        />
        <Tile
          title="Delay of the event loop, p99"
          unit="ms"
          values={rates.loopDelayMs}
          total={`median ${formatNumber(loopDelay.p50 * 1000, 2)} ms, longest ${formatNumber(loopDelay.max * 1000, 2)} ms`}
          period={period}
        />
      </section>
      <section class="grid">
        <EngineTable engines={status.engines} restarts={totals.engine_restarts} />
        <JobsHealth jobs={status.jobs} searchProblem={status.search_problem} />
      </section>
      <p class="facts">
        panelvec {status.version} · up for {formatDuration(status.uptime_seconds)} · {formatBytes(status.memory_bytes)}{' '}
        of memory in the process that answers ·{' '}
        <FileLink path="/metrics" name="metrics.txt">
          all metrics
        </FileLink>
      </p>
    </>
  );
}

interface TileProps {
  readonly title: string;
  readonly values: readonly (number | null)[];
  readonly unit?: string;
  readonly total: string;
  readonly period: string;
}

function Tile({ title, values, unit = '', total, period }: TileProps) {
  const withUnit = (value: number | null | undefined) => `${formatNumber(value, 3)}${unit && ` ${unit}`}`;
  const highest = withUnit(Math.max(0, ...values.map((value) => value ?? 0)));
  const current = withUnit(values.at(-1));
  return (
    <article class="tile">
      <h3>{title}</h3>
      <p class="tile-value">{current}</p>
      <Sparkline label={`${title}, ${period}: now ${current}, at most ${highest}`} values={values} minTop={1} />
      <p class="tile-total">
        at most {highest} in {period}; {total}
      </p>
    </article>
  );
}
