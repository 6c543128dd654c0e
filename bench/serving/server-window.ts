/** One server under as much load as it takes, and how it responds meanwhile. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { type Attempt, assertAllOk, type LoadResult, latencyMs, OK, REFUSED } from '../load/attempt.ts';
import type { LoadRequest } from '../load/load-process.ts';
import { type ChildProcesses, request } from '../runner/child-processes.ts';
import { quantile } from '../runner/rounds.ts';

/** As many as a user keeps in flight who wants all that the service gives: a few batches. */
const CLIENTS = 32;

/** The child processes that measure servers: one sends requests, the other asks for /health/live. */
export interface Clients {
  readonly load: ChildProcess;
  readonly probe: ChildProcess;
}

export async function forkClients(children: ChildProcesses): Promise<Clients> {
  const forks = [children.fork('load/load-process.ts'), children.fork('load/load-process.ts')] as const;
  const [load, probe] = await Promise.all(forks);
  return { load: load.child, probe: probe.child };
}

export interface WindowSettings extends Pick<LoadRequest, 'target' | 'path' | 'isRepeated'> {
  /** Load before the window, which is not counted: the first inference runs are of one panel */
  readonly settleSeconds: number;
  /** Time from one request for /health/live to the next; no probe if it is left out */
  readonly probePeriodMs?: number;
  readonly seconds: number;
  /** Panels of one inference run */
  readonly batch: number;
}

export interface ServerWindow {
  readonly panelsPerSecond: number;
  /** Requests that the server has refused because it had enough to do: they came again when it asked for them */
  readonly refused: number;
  readonly liveMs: readonly number[];
  /** Processor time of the client for each second of the load */
  readonly clientCores: number;
}

export async function measureServer(
  address: string,
  { load, probe }: Clients,
  { settleSeconds, probePeriodMs, seconds, batch, ...target }: WindowSettings,
): Promise<ServerWindow> {
  const loadSeconds = settleSeconds + seconds;
  const arrival = { kind: 'closed', clients: CLIENTS } as const;
  const [{ attempts, cpuSeconds }, liveMs] = await Promise.all([
    request<LoadRequest, LoadResult>(load, { address, ...target, arrival, seconds: loadSeconds }),
    probePeriodMs === undefined
      ? []
      : delay(settleSeconds * 1000).then(() => measureLiveMs(address, probe, probePeriodMs, seconds)),
  ]);
  assertAllOk(attempts, [OK, REFUSED]);
  const accepted = attempts.filter(({ outcome }) => outcome === OK);
  const panelsPerSecond = ratePerSecond(accepted, settleSeconds * 1000, loadSeconds * 1000, batch);
  return { panelsPerSecond, refused: attempts.length - accepted.length, liveMs, clientCores: cpuSeconds / loadSeconds };
}

/** Latencies of requests for /health/live. One that is not answered is an error. */
export async function measureLiveMs(
  address: string,
  probe: ChildProcess,
  periodMs: number,
  seconds: number,
): Promise<number[]> {
  const arrival = { kind: 'fixed-rate', periodMs } as const;
  const { attempts } = await request<LoadRequest, LoadResult>(probe, { address, target: 'live', arrival, seconds });
  assertAllOk(attempts);
  return attempts.map(latencyMs);
}

/** `12.3 ms`, of the slowest in a hundred; empty without samples */
export function formatP99(liveMs: readonly number[]): string {
  return liveMs.length === 0 ? '' : `${quantile(liveMs, 0.99).toFixed(1)} ms`;
}

/**
 * Panels per second from the times (ms) of responses. They come a batch at a time, so a window's count is wrong by up to
 * a batch at either end; the time between a response and the one that is whole batches later is not. A window with less than
 * a batch is too short, or the machine has other work: its count has to do.
 */
function ratePerSecond(attempts: readonly Attempt[], startMs: number, endMs: number, batch: number): number {
  const times = attempts.map(({ answeredMs }) => answeredMs).filter((time) => time >= startMs && time < endMs);
  times.sort((a, b) => a - b);
  const count = Math.floor((times.length - 1) / batch) * batch;
  const [first, last] = [times[0], times[count]];
  if (count <= 0 || first === undefined || last === undefined) return times.length / ((endMs - startMs) / 1000);
  return count / ((last - first) / 1000);
}
