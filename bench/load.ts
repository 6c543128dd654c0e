/** Child process: as many requests at a time as it takes to keep a server busy. */
import { Agent } from 'node:http';
import { constants, setPriority } from 'node:os';
import { handleRequests, sendReady } from './child-protocol.ts';
import { PANEL_KINDS, type PanelKind, panelRequest } from './requests.ts';
import { sendRequest } from './send-request.ts';

export interface LoadRequest {
  readonly address: string;
  readonly panel: PanelKind;
  readonly concurrency: number;
  /** Load that is not counted, before the window */
  readonly settleSeconds: number;
  readonly seconds: number;
}

/** Times in ms at which panels were answered within the window, in order. */
export type LoadResult = readonly number[];

// A client's own work is done on another machine: here it takes only what the server leaves.
setPriority(constants.priority.PRIORITY_LOW);

const requests = new Map(await Promise.all(PANEL_KINDS.map(async (kind) => [kind, await panelRequest(kind)] as const)));

handleRequests<LoadRequest, LoadResult>(async ({ address, panel, concurrency, settleSeconds, seconds }) => {
  const payload = requests.get(panel)!;
  const url = new URL(payload.path, address);
  const agent = new Agent({ keepAlive: true });
  const windowStart = performance.now() + settleSeconds * 1000;
  const windowEnd = windowStart + seconds * 1000;
  const responseTimes: number[] = [];
  const caller = async () => {
    while (performance.now() < windowEnd) {
      await sendRequest(url, { agent, payload });
      responseTimes.push(performance.now());
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  agent.destroy();
  return responseTimes.filter((time) => time >= windowStart && time < windowEnd);
});
sendReady({});
