/** Child process: how long a server takes to say that it lives, asked at a fixed pace whether it has answered or not. */
import { Agent } from 'node:http';
import { setInterval } from 'node:timers/promises';
import { announce, answer } from './child-side.ts';
import { exchange } from './exchange.ts';

export interface ProbeQuestion {
  readonly address: string;
  readonly periodMs: number;
  readonly seconds: number;
}

/** Latencies in ms */
export type ProbeAnswer = readonly number[];

answer<ProbeQuestion, ProbeAnswer>(async ({ address, periodMs, seconds }) => {
  const url = new URL('/health/live', address);
  const agent = new Agent({ keepAlive: true });
  const ends = performance.now() + seconds * 1000;
  const latencies: Promise<number>[] = [];
  for await (const _ of setInterval(periodMs)) {
    if (performance.now() >= ends) break;
    latencies.push(timed(() => exchange(url, { agent })));
  }
  const answered = await Promise.all(latencies);
  agent.destroy();
  return answered;
});
announce({});

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
