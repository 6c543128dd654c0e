import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchOptions } from '../bench-options.ts';
import type { LoadResult } from '../load/attempt.ts';
import type { LoadRequest } from '../load/load-process.ts';
import { formatRefused, type LoadSummary, summariseLoad } from '../load/load-summary.ts';
import { ChildProcesses, request } from '../runner/child-processes.ts';
import { findFreePort } from '../runner/free-port.ts';
import { MemoryWatch } from '../runner/memory-watch.ts';
import { processTreeMegabytes, totalMegabytes } from '../runner/process-memory.ts';
import { formatTable, printProgress, printReport } from '../runner/report.ts';
import { quantile } from '../runner/rounds.ts';
import { type RunningService, withDefaultService } from './default-service.ts';
import { type Clients, forkClients, measureLiveMs } from './server-window.ts';

const CLIENTS = 900;
const FEW_CLIENTS = 32;
const SECONDS = 60;
const QUICK_SECONDS = 10;
/** Before and after the overload, with few clients */
const CALM_SECONDS = 10;
const WARM_UP_SECONDS = 5;
/** Until the last of the refused clients have gone */
const PAUSE_SECONDS = 5;
const PROBE_PERIOD_MS = 50;

interface LiveSummary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface OverloadResult {
  readonly overload: LoadSummary;
  readonly clientCores: number;
  /** Of /health/live on the port of the requests */
  readonly liveMs: LiveSummary;
  /** Of the same on PANELVEC_HEALTH_PORT */
  readonly ownPortLiveMs: LiveSummary;
  /** Accepted requests per second with few clients */
  readonly calmRates: { readonly before: number; readonly after: number };
  /** Of all processes of the service */
  readonly megabytes: { readonly before: number; readonly peak: number; readonly after: number };
}

/** What do 900 clients get who send without a pause, and wait as long as refusals ask them to? */
export async function benchOverload({ quick }: BenchOptions): Promise<void> {
  const seconds = quick ? QUICK_SECONDS : SECONDS;
  printProgress(`overload: ${CLIENTS} clients for ${seconds} s`);
  const healthPort = await findFreePort();
  const measure = async (service: RunningService) => {
    await using children = new ChildProcesses();
    const clients = await forkClients(children);
    const { child } = await children.fork('load/load-process.ts');
    const measureOwnPort = () => measureLiveMs(`http://127.0.0.1:${healthPort}`, child, PROBE_PERIOD_MS, seconds);
    return await measureOverload(service, clients, seconds, measureOwnPort);
  };
  const result = await withDefaultService(measure, { PANELVEC_HEALTH_PORT: String(healthPort) });
  printReport(toLines(result), { part: 'overload', clients: CLIENTS, seconds, ...result });
}

async function measureOverload(
  { address, pid }: RunningService,
  { load, probe }: Clients,
  seconds: number,
  measureOwnPort: () => Promise<number[]>,
): Promise<OverloadResult> {
  await sendLoad(load, address, FEW_CLIENTS, WARM_UP_SECONDS);
  const before = await sendLoad(load, address, FEW_CLIENTS, CALM_SECONDS);
  const memoryBefore = totalMegabytes(processTreeMegabytes(pid));
  const memory = new MemoryWatch(pid);
  const [{ summary: overload, clientCores }, liveMs, ownPortLiveMs] = await Promise.all([
    sendLoad(load, address, CLIENTS, seconds),
    measureLiveMs(address, probe, PROBE_PERIOD_MS, seconds),
    measureOwnPort(),
  ]);
  const peak = memory.stop();
  await delay(PAUSE_SECONDS * 1000);
  const memoryAfter = totalMegabytes(processTreeMegabytes(pid));
  const after = await sendLoad(load, address, FEW_CLIENTS, CALM_SECONDS);
  return {
    overload,
    clientCores,
    liveMs: summariseLive(liveMs),
    ownPortLiveMs: summariseLive(ownPortLiveMs),
    calmRates: { before: before.summary.acceptedPerSecond, after: after.summary.acceptedPerSecond },
    megabytes: { before: memoryBefore, peak, after: memoryAfter },
  };
}

function summariseLive(latencies: readonly number[]): LiveSummary {
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), max: Math.max(...latencies) };
}

function formatLive({ p50, p99, max }: LiveSummary): string {
  return [p50, p99, max].map((ms) => ms.toFixed(1)).join(', ');
}

async function sendLoad(
  load: ChildProcess,
  address: string,
  clients: number,
  seconds: number,
): Promise<{ summary: LoadSummary; clientCores: number }> {
  const arrival = { kind: 'closed', clients } as const;
  const { attempts, cpuSeconds } = await request<LoadRequest, LoadResult>(load, {
    address,
    target: 'image',
    arrival,
    seconds,
  });
  return { summary: summariseLoad(attempts, seconds), clientCores: cpuSeconds / seconds };
}

function toLines({ overload, clientCores, liveMs, ownPortLiveMs, calmRates, megabytes }: OverloadResult): string[] {
  const { p50, p90, p99, p999 } = overload.latencyMs;
  const growth = megabytes.peak / megabytes.before - 1;
  const calm = calmRates.after / calmRates.before;
  return formatTable([
    ['', 'measured', 'aim'],
    ['accepted/s', overload.acceptedPerSecond.toFixed(1), ''],
    ['accepted p50, p90', `${p50.toFixed(0)}, ${p90.toFixed(0)} ms`, ''],
    ['accepted p99', `${p99.toFixed(0)} ms`, 'under 3000 ms'],
    ['accepted p99.9', `${p999.toFixed(0)} ms`, ''],
    ['refused', formatRefused(overload.refused), ''],
    ['accepted at the next try', `${(100 * overload.retriesAcceptedShare).toFixed(1)} %`, '80 % or more'],
    ['/health/live p50, p99, max', formatLive(liveMs), 'p99 under 25 ms'],
    ['the same on a port of its own', formatLive(ownPortLiveMs), ''],
    [
      'memory before, peak, after',
      [megabytes.before, megabytes.peak, megabytes.after].map((mb) => mb.toFixed(0)).join(', '),
      '',
    ],
    ['growth', `${(100 * growth).toFixed(1)} %`, 'under 25 %'],
    [
      `${FEW_CLIENTS} clients before, after`,
      `${calmRates.before.toFixed(1)}, ${calmRates.after.toFixed(1)} panels/s (${calm.toFixed(2)})`,
      '1',
    ],
    ['client', `${clientCores.toFixed(2)} of a core`, ''],
  ]);
}
