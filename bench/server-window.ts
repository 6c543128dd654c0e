import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from './children.ts';
import { readEventLoopP99Ms } from './event-loop.ts';
import type { LoadRequest, LoadResult } from './load.ts';
import type { ProbeRequest, ProbeResult } from './probe.ts';
import type { PanelKind } from './requests.ts';
import { ratePerSecond } from './statistics.ts';

/** One batch runs, one waits in the engine's pipe: twice that leaves as many in decoding and on the wire. */
const BATCHES_IN_FLIGHT = 4;

/** The processes that load and watch a server, one at a time. */
export interface Instruments {
  readonly load: ChildProcess;
  readonly probe: ChildProcess;
}

export interface WindowSettings {
  readonly panel: PanelKind;
  /** Load that is not counted, before the window: the first runs are of one panel */
  readonly settleSeconds: number;
  /** Time from one question for /health/live to the next */
  readonly probePeriodMs: number;
  readonly seconds: number;
  /** Panels of one inference run */
  readonly batch: number;
}

/** One server while it had all the load that it takes. */
export interface ServerWindow {
  readonly panelsPerSecond: number;
  readonly liveMs: readonly number[];
  readonly eventLoopP99Ms: number;
}

export async function measureServer(
  address: string,
  { load, probe }: Instruments,
  { panel, settleSeconds, probePeriodMs, seconds, batch }: WindowSettings,
): Promise<ServerWindow> {
  const concurrency = BATCHES_IN_FLIGHT * batch;
  const loadRequest = { address, panel, concurrency, settleSeconds, seconds };
  const runProbe = async () => {
    await delay(settleSeconds * 1000);
    // Only to start the figure anew.
    await readEventLoopP99Ms(address);
    const liveMs = await request<ProbeRequest, ProbeResult>(probe, { address, periodMs: probePeriodMs, seconds });
    return { liveMs, eventLoopP99Ms: await readEventLoopP99Ms(address) };
  };
  const [responseTimes, probeResult] = await Promise.all([
    request<LoadRequest, LoadResult>(load, loadRequest),
    runProbe(),
  ]);
  return { panelsPerSecond: ratePerSecond(responseTimes, batch), ...probeResult };
}
