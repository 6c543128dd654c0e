/** Child process: how long calls of one picture take, one after the other or at a fixed pace. */
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { announce, answer } from '../child-side.ts';
import { exchange } from '../exchange.ts';
import { panelRequest } from '../requests.ts';

export interface CallerQuestion {
  readonly address: string;
  readonly seconds: number;
  /** Time from one call to the next, or that of the call itself where that is longer: 0 for a caller that never waits */
  readonly periodMs: number;
}

/** Latencies in ms */
export type CallerAnswer = readonly number[];

const posted = await panelRequest('image');

answer<CallerQuestion, CallerAnswer>(async ({ address, seconds, periodMs }) => {
  const url = new URL(posted.path, address);
  const agent = new Agent({ keepAlive: true });
  const ends = performance.now() + seconds * 1000;
  const latencies: number[] = [];
  while (performance.now() < ends) {
    const started = performance.now();
    await exchange(url, { agent, posted });
    const took = performance.now() - started;
    latencies.push(took);
    if (periodMs > took) await delay(periodMs - took);
  }
  agent.destroy();
  return latencies;
});
announce({});
