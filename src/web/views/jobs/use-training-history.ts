import { useEffect, useRef, useState } from 'preact/hooks';
import type { HistoryResponse } from '../../../http/routes/jobs/history-route.ts';
import type { JobResponse } from '../../../http/routes/jobs/job-schemas.ts';
import { DownsampledSeries } from '../../../training-report/downsampled-series.ts';
import type { HistorySeries } from '../../../training-report/history-series.ts';
import { ApiError } from '../../api/api-error.ts';
import { getJson } from '../../api/client.ts';
import { hasEnded } from './job-state.tsx';

type SeriesMap = Map<string, DownsampledSeries>;
/** Numbers of a step that are no series over steps */
const NOT_SERIES: ReadonlySet<string> = new Set(['epoch', 'step', 'panels_per_second', 'skipped_steps']);

interface TrainingHistory {
  readonly series: HistorySeries | undefined;
  readonly error: unknown;
}

/**
 * The series of a training: what its history has, and after that the steps that the events of the job tell of. The history is
 * read again after each epoch, which adds the measures of the validation.
 */
export function useTrainingHistory(job: JobResponse): TrainingHistory {
  const [history, setHistory] = useState<HistoryResponse>();
  const [error, setError] = useState<unknown>();
  const live = useRef<{ step: number; values: Readonly<Record<string, number | null>> }[]>([]);
  const detail = job.progress.detail;
  const epoch = detail?.['epoch'] ?? 0;
  const isEnded = hasEnded(job.state);

  useEffect(() => {
    const controller = new AbortController();
    getJson<HistoryResponse>(`/v1/jobs/${job.id}/history`, { signal: controller.signal }).then(
      (loaded) => {
        if (controller.signal.aborted) return;
        const lastStep = findLastStep(loaded);
        live.current = live.current.filter(({ step }) => step > lastStep);
        setHistory(loaded);
      },
      (cause: unknown) => {
        // Before its first step a training has no history.
        const isMissing = cause instanceof ApiError && cause.status === 404;
        if (!controller.signal.aborted && !isMissing) setError(cause);
      },
    );
    return () => controller.abort();
  }, [job.id, epoch, isEnded]);

  const step = detail?.['step'];
  const lastStep = Math.max(live.current.at(-1)?.step ?? 0, history ? findLastStep(history) : 0);
  if (detail && typeof step === 'number' && step > lastStep && !isEnded) live.current.push({ step, values: detail });

  if (history === undefined && live.current.length === 0) return { series: undefined, error };
  return { series: joinSeries(history, live.current), error };
}

function joinSeries(
  history: HistoryResponse | undefined,
  live: readonly { readonly step: number; readonly values: Readonly<Record<string, number | null>> }[],
): HistorySeries {
  const series = { step: toSeries(history?.steps ?? {}), epoch: toSeries(history?.epochs ?? {}) };
  for (const { step, values } of live) {
    for (const [name, value] of Object.entries(values)) {
      if (!NOT_SERIES.has(name)) getOrAdd(series.step, name).add(step, value ?? Number.NaN);
    }
  }
  series.step.delete('skipped_steps');
  return series;
}

function toSeries(points: HistoryResponse['steps']): SeriesMap {
  const map: SeriesMap = new Map();
  for (const [name, values] of Object.entries(points)) {
    for (const [x, y] of values) getOrAdd(map, name).add(x, y ?? Number.NaN);
  }
  return map;
}

function getOrAdd(map: SeriesMap, name: string): DownsampledSeries {
  const series = map.get(name) ?? new DownsampledSeries();
  map.set(name, series);
  return series;
}

function findLastStep({ steps }: HistoryResponse): number {
  return Math.max(0, ...Object.values(steps).map((points) => points.at(-1)?.[0] ?? 0));
}
