import type { LoadSummary } from '../load/load-summary.ts';
import { type LoadLine, renderLoadChart } from './load-chart.ts';

export const CURVE_SERVERS = ['panelvec', 'plain server'] as const;

/** One load of one server. */
export interface CurvePoint {
  readonly server: (typeof CURVE_SERVERS)[number];
  /** Requests per second in an open loop, clients in a closed one */
  readonly load: number;
  readonly summary: LoadSummary;
}

/** Latency of accepted requests against the rate at which they come. */
export function openLoopChart(points: readonly CurvePoint[]): string {
  return renderLoadChart({
    title: 'Latency against offered rate',
    description:
      'Latency of accepted requests of the service and of a plain server, up to three times what each can do.',
    xName: 'requests per second, Poisson arrivals',
    yName: 'latency of accepted requests, ms',
    isXLogarithmic: false,
    isYLogarithmic: true,
    lines: [
      ...toLines(points, 'p50', (summary) => summary.latencyMs.p50),
      ...toLines(points, 'p99', (summary) => summary.latencyMs.p99, true),
    ],
  });
}

/** Accepted requests per second against the clients that send. */
export function closedLoopChart(points: readonly CurvePoint[]): string {
  return renderLoadChart({
    title: 'Throughput against clients',
    description: 'Accepted requests per second of the service and of a plain server, for 1 to 1,024 clients.',
    xName: 'clients, each with one request at a time',
    yName: 'accepted requests per second',
    isXLogarithmic: true,
    isYLogarithmic: false,
    lines: toLines(points, 'accepted per second', (summary) => summary.acceptedPerSecond),
  });
}

function toLines(
  points: readonly CurvePoint[],
  measure: string,
  readValue: (summary: LoadSummary) => number,
  isDashed = false,
): LoadLine[] {
  return CURVE_SERVERS.map((server, colorIndex) => ({
    name: `${server}, ${measure}`,
    colorIndex,
    isDashed,
    points: points
      .filter((point) => point.server === server)
      .map(({ load, summary }) => [load, readValue(summary)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  }));
}
