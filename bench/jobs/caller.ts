/** Child process: how long calls of one picture take, one after the other or at a fixed pace. */
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { handleRequests, sendReady } from '../child-protocol.ts';
import { panelRequest } from '../requests.ts';
import { sendRequest } from '../send-request.ts';

export interface CallerRequest {
  readonly address: string;
  readonly seconds: number;
  /** Time from one call to the next, or that of the call itself where that is longer: 0 for a caller that never waits */
  readonly periodMs: number;
}

/** Latencies in ms */
export type CallerResult = readonly number[];

const payload = await panelRequest('image');

handleRequests<CallerRequest, CallerResult>(async ({ address, seconds, periodMs }) => {
  const url = new URL(payload.path, address);
  const agent = new Agent({ keepAlive: true });
  const endTime = performance.now() + seconds * 1000;
  const latencies: number[] = [];
  while (performance.now() < endTime) {
    const started = performance.now();
    await sendRequest(url, { agent, payload });
    const durationMs = performance.now() - started;
    latencies.push(durationMs);
    if (periodMs > durationMs) await delay(periodMs - durationMs);
  }
  agent.destroy();
  return latencies;
});
sendReady({});
