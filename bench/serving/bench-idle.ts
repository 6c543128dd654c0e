import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../../src/util/arrays.ts';
import type { BenchOptions } from '../bench-options.ts';
import { ChildProcesses, request } from '../runner/child-processes.ts';
import { processTreeMegabytes, sharedOnceMegabytes, totalMegabytes } from '../runner/process-memory.ts';
import { formatTable, printProgress, printReport } from '../runner/report.ts';
import { withDefaultService } from './default-service.ts';
import type { LonePanelRequest, LonePanelTimes } from './lone-panel.ts';
import { readServiceLayout } from './service-layout.ts';

const MODEL = 'compact';
const PICTURES = 200;
const WARM_UP_PICTURES = 20;
/** Until processes that nobody needs have ended: a worker waits a minute for tasks */
const REST_SECONDS = 90;
const AIMS = 'aims: under 1000 MB at rest, a request at most 5 ms above decoding and inference';

/** What does a service take that nobody uses, and how long does a request take that is alone? */
export async function benchIdle({ quick }: BenchOptions): Promise<void> {
  const pictures = quick ? WARM_UP_PICTURES : PICTURES;
  printProgress(`idle: memory after ${REST_SECONDS} s, then ${pictures} pictures one by one`);
  await withDefaultService(async (service) => {
    await delay(1000 * (quick ? 1 : REST_SECONDS));
    const byTitle = processTreeMegabytes(service.pid);
    const memory = {
      ...byTitle,
      total: totalMegabytes(byTitle),
      'shared pages once': sharedOnceMegabytes(service.pid),
    };
    const { threads } = await readServiceLayout(service);
    await using children = new ChildProcesses({ ...process.env, PANELVEC_MODELS: MODEL });
    const { child } = await children.fork('serving/lone-panel.ts', { args: [String(threads)] });
    const measure = (count: number) =>
      request<LonePanelRequest, readonly LonePanelTimes[]>(child, { address: service.address, pictures: count });
    await measure(WARM_UP_PICTURES);
    printIdle(memory, await measure(pictures));
  });
}

function printIdle(megabytes: Readonly<Record<string, number>>, times: readonly LonePanelTimes[]): void {
  const latency = {
    computedMs: median(times.map(({ computed }) => computed)),
    requestedMs: median(times.map(({ requested }) => requested)),
    aboveMs: median(times.map(({ computed, requested }) => requested - computed)),
  };
  const memoryRows = Object.entries(megabytes).map(([title, value]) => [title, `${value.toFixed(0)} MB`]);
  const lines = formatTable([
    ...memoryRows,
    ['decoding and inference, median', `${latency.computedMs.toFixed(1)} ms`],
    ['request, median', `${latency.requestedMs.toFixed(1)} ms`],
    ['request above both, median', `${latency.aboveMs.toFixed(1)} ms`],
  ]);
  printReport([...lines, AIMS], { part: 'idle', megabytes, latency });
}
