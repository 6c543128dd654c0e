import { quantile } from '../runner/rounds.ts';
import { type Attempt, latencyMs, OK } from './attempt.ts';

export interface LatencySummary {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
}

/** What became of the requests of a load. */
export interface LoadSummary {
  readonly sent: number;
  readonly accepted: number;
  readonly acceptedPerSecond: number;
  /** Of accepted requests, from the moment at which they were meant to be sent */
  readonly latencyMs: LatencySummary;
  /** Number of requests by the code of their error */
  readonly refused: Readonly<Record<string, number>>;
  /** How many of those that waited as long as a refusal asked for were accepted then; not a number if there were none */
  readonly retriesAcceptedShare: number;
}

/** @param seconds of the load, without the time in which the last requests were answered */
export function summariseLoad(attempts: readonly Attempt[], seconds: number): LoadSummary {
  const accepted = attempts.filter(isAccepted);
  const retries = attempts.filter(({ isRetry }) => isRetry);
  const inTime = accepted.filter(({ answeredMs }) => answeredMs <= 1000 * seconds);
  const refused: Record<string, number> = {};
  for (const { outcome } of attempts) if (outcome !== OK) refused[outcome] = (refused[outcome] ?? 0) + 1;
  return {
    sent: attempts.length,
    accepted: accepted.length,
    acceptedPerSecond: inTime.length / seconds,
    latencyMs: summariseLatency(accepted.map(latencyMs)),
    refused,
    retriesAcceptedShare: retries.filter(isAccepted).length / retries.length,
  };
}

export function summariseLatency(latencies: readonly number[]): LatencySummary {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => quantile(sorted, share);
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999) };
}

/** `queue_full 120, deadline_exceeded 3`, or a dash */
export function formatRefused(refused: LoadSummary['refused']): string {
  const entries = Object.entries(refused).map(([code, count]) => `${code} ${count}`);
  return entries.length === 0 ? '-' : entries.join(', ');
}

function isAccepted({ outcome }: Attempt): boolean {
  return outcome === OK;
}
