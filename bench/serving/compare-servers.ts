/** One server beside the raw loop: what it handles under full load, and how it responds meanwhile. */
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadRequest, Timing } from '../load/load-driver.ts';
import type { PanelKind } from '../load/panel-requests.ts';
import type { RawLoopRequest } from '../load/raw-loop.ts';
import { type ChildProcesses, request } from '../runner/child-processes.ts';
import { median, quantile, summariseRounds } from '../runner/rounds.ts';
import { readEventLoopP99Ms } from '../runner/service.ts';

/** One batch runs and one waits in the engine's pipe; twice that leaves as many in decoding and on the wire. */
const BATCHES_IN_FLIGHT = 4;

/** The child processes that measure, one at a time. */
export interface Instruments {
  readonly rawLoop: ChildProcess;
  readonly load: ChildProcess;
  readonly probe: ChildProcess;
}

export async function forkInstruments(children: ChildProcesses): Promise<Instruments> {
  // A client's own work is done on another machine: here it takes only what the server leaves.
  const loadArgs = [String(constants.priority.PRIORITY_LOW)];
  const [rawLoop, load, probe] = await Promise.all([
    children.fork('load/raw-loop.ts'),
    children.fork('load/load-driver.ts', { args: loadArgs }),
    children.fork('load/load-driver.ts'),
  ]);
  return { rawLoop: rawLoop.child, load: load.child, probe: probe.child };
}

export interface WindowSettings {
  readonly panel: PanelKind;
  /** Load before the window, which is not counted: the first inference runs are of one panel */
  readonly settleSeconds: number;
  /** Time from one request for /health/live to the next */
  readonly probePeriodMs: number;
  readonly seconds: number;
  /** Panels of one inference run */
  readonly batch: number;
}

/** One server under as much load as it takes. */
export interface ServerWindow {
  readonly panelsPerSecond: number;
  readonly liveMs: readonly number[];
  readonly eventLoopP99Ms: number;
}

export function measureRawLoop({ rawLoop }: Instruments, { panel, seconds }: WindowSettings): Promise<number> {
  return request<RawLoopRequest, number>(rawLoop, { panels: panel, seconds });
}

export async function measureServer(
  address: string,
  { load, probe }: Instruments,
  { panel, settleSeconds, probePeriodMs, seconds, batch }: WindowSettings,
): Promise<ServerWindow> {
  const runLoad = () =>
    request<LoadRequest, readonly Timing[]>(load, {
      address,
      target: panel,
      arrival: { kind: 'callers', callers: BATCHES_IN_FLIGHT * batch, periodMs: 0 },
      seconds: settleSeconds + seconds,
    });
  const runProbe = async () => {
    await delay(settleSeconds * 1000);
    await readEventLoopP99Ms(address); // resets it
    const timings = await request<LoadRequest, readonly Timing[]>(probe, {
      address,
      target: 'live',
      arrival: { kind: 'fixed-rate', periodMs: probePeriodMs },
      seconds,
    });
    const liveMs = timings.map(({ sentMs, answeredMs }) => answeredMs - sentMs);
    return { liveMs, eventLoopP99Ms: await readEventLoopP99Ms(address) };
  };
  const [timings, probed] = await Promise.all([runLoad(), runProbe()]);
  const [start, end] = [settleSeconds * 1000, (settleSeconds + seconds) * 1000];
  const answeredMs = timings.map((timing) => timing.answeredMs).filter((time) => time >= start && time < end);
  return { panelsPerSecond: ratePerSecond(answeredMs, batch), ...probed };
}

/**
 * Panels per second from the times (ms) of responses. They come a batch at a time, so a window's count is wrong by up to
 * a batch at either end; the time between a response and the one that is whole batches later is not.
 */
function ratePerSecond(answeredMs: readonly number[], batch: number): number {
  const count = Math.floor((answeredMs.length - 1) / batch) * batch;
  const [first, last] = [answeredMs[0], answeredMs[count]];
  if (count <= 0 || first === undefined || last === undefined) {
    throw new Error(`${answeredMs.length} responses are too few to measure: lengthen the window`);
  }
  return count / ((last - first) / 1000);
}

export interface ServerSummary {
  readonly panelsPerSecond: number;
  /** Median of the rounds' ratios to the raw loop */
  readonly ofRaw: number;
  readonly ofRawByRound: readonly number[];
  /** Over the probes of all rounds */
  readonly liveP99Ms: number;
  readonly eventLoopP99Ms: number;
  readonly eventLoopP99MsByRound: readonly number[];
}

/** @param windows of one server, each with the rate of the raw loop in the same round */
export function summariseServer(
  windows: readonly { readonly window: ServerWindow; readonly rawPanelsPerSecond: number }[],
): ServerSummary {
  const ofRaw = summariseRounds(
    windows.map(({ window, rawPanelsPerSecond }) => window.panelsPerSecond / rawPanelsPerSecond),
  );
  const eventLoop = summariseRounds(windows.map(({ window }) => window.eventLoopP99Ms));
  return {
    panelsPerSecond: median(windows.map(({ window }) => window.panelsPerSecond)),
    ofRaw: ofRaw.median,
    ofRawByRound: ofRaw.byRound,
    liveP99Ms: quantile(
      windows.flatMap(({ window }) => window.liveMs),
      0.99,
    ),
    eventLoopP99Ms: eventLoop.median,
    eventLoopP99MsByRound: eventLoop.byRound,
  };
}

/** The columns that `rawLoopCells` and `serverCells` fill. */
export const SERVER_COLUMNS = ['panels/s', 'of raw', '/health/live p99', 'event loop p99'] as const;

export function rawLoopCells(panelsPerSecond: number): string[] {
  return [panelsPerSecond.toFixed(1), '1.000', '', ''];
}

export function serverCells({ panelsPerSecond, ofRaw, liveP99Ms, eventLoopP99Ms }: ServerSummary): string[] {
  return [
    panelsPerSecond.toFixed(1),
    ofRaw.toFixed(3),
    `${liveP99Ms.toFixed(1)} ms`,
    `${eventLoopP99Ms.toFixed(1)} ms`,
  ];
}
