import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './children.ts';
import { readEventLoopP99Ms } from './event-loop.ts';
import type { LoadAnswer, LoadQuestion } from './load.ts';
import type { ProbeAnswer, ProbeQuestion } from './probe.ts';
import { ratePerSecond } from './samples.ts';

const SETTLE_SECONDS = 0.75;
/** One batch runs, one waits in the engine's pipe: twice that leaves as many in decoding and on the wire. */
const BATCHES_UNDERWAY = 4;

/** The processes that load and watch a server, one at a time. */
export interface Instruments {
  readonly load: ChildProcess;
  readonly probe: ChildProcess;
}

export interface WindowSettings {
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
  { seconds, batch }: WindowSettings,
): Promise<ServerWindow> {
  const concurrency = BATCHES_UNDERWAY * batch;
  const loading = { address, concurrency, settleSeconds: SETTLE_SECONDS, seconds };
  const watch = async () => {
    await delay(SETTLE_SECONDS * 1000);
    // Only to start the figure anew.
    await readEventLoopP99Ms(address);
    const liveMs = await ask<ProbeQuestion, ProbeAnswer>(probe, { address, seconds });
    return { liveMs, eventLoopP99Ms: await readEventLoopP99Ms(address) };
  };
  const [answered, watched] = await Promise.all([ask<LoadQuestion, LoadAnswer>(load, loading), watch()]);
  return { panelsPerSecond: ratePerSecond(answered, batch), ...watched };
}
