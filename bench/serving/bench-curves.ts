import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { addFp32Variant } from '../bench-models.ts';
import type { BenchOptions } from '../bench-options.ts';
import type { Arrival } from '../load/arrivals.ts';
import type { LoadResult } from '../load/attempt.ts';
import type { LoadRequest } from '../load/load-process.ts';
import { formatRefused, summariseLoad } from '../load/load-summary.ts';
import { ChildProcesses, request } from '../runner/child-processes.ts';
import { formatTable, printProgress, printReport } from '../runner/report.ts';
import { TemporaryFolder } from '../runner/temporary-folder.ts';
import { CURVE_SERVERS, type CurvePoint, closedLoopChart, openLoopChart } from './curve-charts.ts';
import { withDefaultService } from './default-service.ts';
import type { PlainServerReady } from './plain-server.ts';
import { forkClients } from './server-window.ts';

const IMAGES = path.join(import.meta.dirname, '../../docs/images');
/** A queue needs time to grow. */
const WINDOW_FACTOR = 4;
/** Rates as multiples of what the same server does for CAPACITY_CLIENTS clients */
const RATES = [0.25, 0.5, 0.75, 0.9, 1, 1.25, 1.5, 2, 3];
const CLIENTS = [1, 4, 16, 64, 256, 1024];
const QUICK_RATES = [0.5, 2];
const QUICK_CLIENTS = [1, 64];
const CAPACITY_CLIENTS = 32;
const SEED = 7;

/** How do latency and throughput change with the load, up to three times what a server can do? Draws docs/images/load-*.svg. */
export async function benchCurves({
  seconds: windowSeconds,
  quick,
  fp32Model: fp32Source,
}: BenchOptions): Promise<void> {
  const seconds = quick ? windowSeconds : WINDOW_FACTOR * windowSeconds;
  const [open, closed] = await withDefaultService(async ({ address }) => {
    using fp32Home = new TemporaryFolder();
    const fp32Model = await addFp32Variant(fp32Home.path, fp32Source);
    await using children = new ChildProcesses({
      ...process.env,
      PANELVEC_HOME: fp32Home.path,
      PANELVEC_MODELS: fp32Model,
    });
    const { ready } = await children.fork<PlainServerReady>('serving/plain-server.ts', { args: ['1'] });
    const { load } = await forkClients(children);
    const servers = { panelvec: address, 'plain server': ready.address };
    return await measureCurves(servers, load, seconds, quick);
  });
  const lines = [...toLines('requests/s', open), '', ...toLines('clients', closed)];
  printReport(lines, { part: 'curves', seconds, open, closed });
  if (quick) return;
  writeFileSync(path.join(IMAGES, 'load-open.svg'), openLoopChart(open));
  writeFileSync(path.join(IMAGES, 'load-closed.svg'), closedLoopChart(closed));
}

async function measureCurves(
  servers: Readonly<Record<CurvePoint['server'], string>>,
  load: ChildProcess,
  seconds: number,
  quick: boolean,
): Promise<[open: CurvePoint[], closed: CurvePoint[]]> {
  const measure = async (server: CurvePoint['server'], arrival: Arrival) => {
    const message = { address: servers[server], target: 'image', arrival, seconds } as const;
    const { attempts } = await request<LoadRequest, LoadResult>(load, message);
    return summariseLoad(attempts, seconds);
  };
  const [open, closed]: [CurvePoint[], CurvePoint[]] = [[], []];
  for (const server of CURVE_SERVERS) {
    await measure(server, { kind: 'closed', clients: CAPACITY_CLIENTS });
    const capacity = (await measure(server, { kind: 'closed', clients: CAPACITY_CLIENTS })).acceptedPerSecond;
    printProgress(`curves, ${server}: ${capacity.toFixed(1)} panels/s, windows of ${seconds} s`);
    for (const rate of quick ? QUICK_RATES : RATES) {
      const ratePerSecond = rate * capacity;
      const summary = await measure(server, { kind: 'open', ratePerSecond, seed: SEED });
      open.push({ server, load: ratePerSecond, summary });
    }
    for (const clients of quick ? QUICK_CLIENTS : CLIENTS) {
      closed.push({ server, load: clients, summary: await measure(server, { kind: 'closed', clients }) });
    }
  }
  return [open, closed];
}

function toLines(unit: string, points: readonly CurvePoint[]): string[] {
  const rows = points.map(({ server, load, summary: { acceptedPerSecond, latencyMs, refused } }) => [
    server,
    load.toFixed(0),
    acceptedPerSecond.toFixed(1),
    ...[latencyMs.p50, latencyMs.p90, latencyMs.p99, latencyMs.p999].map((ms) => ms.toFixed(0)),
    formatRefused(refused),
  ]);
  return formatTable([['', unit, 'accepted/s', 'p50 ms', 'p90', 'p99', 'p99.9', 'refused'], ...rows]);
}
