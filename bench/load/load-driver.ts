/**
 * Child process that sends requests to a server and times them. Argument: its priority, as os.setPriority takes it.
 */
import { Agent, request } from 'node:http';
import { setPriority } from 'node:os';
import { setTimeout as delay, setInterval } from 'node:timers/promises';
import { handleRequests, sendReady } from '../runner/child-processes.ts';
import { makePanelRequest, PANEL_KINDS, type PanelKind, type PanelRequest } from './panel-requests.ts';

/** When requests are sent. */
export type Arrival =
  /** Each caller sends its next request when the last has been answered, and not sooner than a period after it */
  | { readonly kind: 'callers'; readonly callers: number; readonly periodMs: number }
  /** A request each period, whether the last has been answered or not */
  | { readonly kind: 'fixed-rate'; readonly periodMs: number };

export interface LoadRequest {
  readonly address: string;
  /** `live` asks for /health/live. */
  readonly target: PanelKind | 'live';
  readonly arrival: Arrival;
  readonly seconds: number;
}

/** One request that was answered, in ms from the start of the load. */
export interface Timing {
  readonly sentMs: number;
  readonly answeredMs: number;
}

const [priority = '0'] = process.argv.slice(2);
setPriority(Number(priority));

const panelRequests = new Map<LoadRequest['target'], PanelRequest>();
for (const kind of PANEL_KINDS) panelRequests.set(kind, await makePanelRequest(kind));

handleRequests<LoadRequest, readonly Timing[]>(async ({ address, target, arrival, seconds }) => {
  const payload = panelRequests.get(target);
  const url = new URL(payload?.path ?? '/health/live', address);
  const agent = new Agent({ keepAlive: true });
  const start = performance.now();
  const timings: Timing[] = [];
  const send = async () => {
    const sentMs = performance.now() - start;
    await sendRequest(url, agent, payload);
    const answeredMs = performance.now() - start;
    timings.push({ sentMs, answeredMs });
    return answeredMs - sentMs;
  };
  const isOver = () => performance.now() - start >= seconds * 1000;
  if (arrival.kind === 'callers') await runCallers(send, arrival, isOver);
  else await runFixedRate(send, arrival.periodMs, isOver);
  agent.destroy();
  return timings;
});
sendReady();

async function runCallers(
  send: () => Promise<number>,
  { callers, periodMs }: Extract<Arrival, { kind: 'callers' }>,
  isOver: () => boolean,
): Promise<void> {
  const call = async () => {
    while (!isOver()) {
      const durationMs = await send();
      if (periodMs > durationMs) await delay(periodMs - durationMs);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
}

async function runFixedRate(send: () => Promise<number>, periodMs: number, isOver: () => boolean): Promise<void> {
  const sent: Promise<number>[] = [];
  for await (const _ of setInterval(periodMs)) {
    if (isOver()) break;
    sent.push(send());
  }
  await Promise.all(sent);
}

/** Sends a GET, or a POST of the payload. Reads the response without parsing it, so that the client costs little. */
function sendRequest(url: URL, agent: Agent, payload: PanelRequest | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = payload && { 'content-type': payload.type, 'content-length': payload.body.byteLength };
  const clientRequest = request(url, { agent, method: payload ? 'POST' : 'GET', headers }, (response) => {
    response.on('error', reject).on('end', () => {
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${url} responded with status ${response.statusCode}`));
    });
    response.resume();
  });
  clientRequest.on('error', reject).end(payload?.body);
  return promise;
}
