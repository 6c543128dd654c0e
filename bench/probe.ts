/** Child process: how long a server takes to say that it lives, asked at a fixed pace whether it has answered or not. */
import { Agent } from 'node:http';
import { setInterval } from 'node:timers/promises';
import { handleRequests, sendReady } from './child-protocol.ts';
import { sendRequest } from './send-request.ts';

export interface ProbeRequest {
  readonly address: string;
  readonly periodMs: number;
  readonly seconds: number;
}

/** Latencies in ms */
export type ProbeResult = readonly number[];

handleRequests<ProbeRequest, ProbeResult>(async ({ address, periodMs, seconds }) => {
  const url = new URL('/health/live', address);
  const agent = new Agent({ keepAlive: true });
  const endTime = performance.now() + seconds * 1000;
  const latencies: Promise<number>[] = [];
  for await (const _ of setInterval(periodMs)) {
    if (performance.now() >= endTime) break;
    latencies.push(measureMs(() => sendRequest(url, { agent })));
  }
  const results = await Promise.all(latencies);
  agent.destroy();
  return results;
});
sendReady({});

async function measureMs(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
