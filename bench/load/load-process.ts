/**
 * Child process that sends requests to a server and times them. It has the priority of a server: with less, it would wait
 * for a core while the server is idle, and with more it would take from it.
 */
import { handleRequests, sendReady } from '../runner/child-processes.ts';
import { type Arrival, runArrival } from './arrivals.ts';
import type { LoadResult } from './attempt.ts';
import { type PanelKind, PanelRequests } from './panel-requests.ts';
import { RequestSender } from './request-sender.ts';

export interface LoadRequest {
  readonly address: string;
  /** `live` asks for /health/live. */
  readonly target: PanelKind | 'live';
  /** Of the server, where it is not the service's */
  readonly path?: string;
  readonly arrival: Arrival;
  readonly seconds: number;
  /** Whether all requests have the same content; else no two have */
  readonly isRepeated?: boolean;
}

const opened = new Map<PanelKind, PanelRequests>();

async function openRequests(kind: PanelKind): Promise<PanelRequests> {
  const requests = opened.get(kind) ?? (await PanelRequests.open(kind));
  opened.set(kind, requests);
  return requests;
}

handleRequests<LoadRequest, LoadResult>(async ({ address, target, path, arrival, seconds, isRepeated = false }) => {
  const requests = target === 'live' ? undefined : await openRequests(target);
  const sender = new RequestSender(address);
  const startCpu = process.cpuUsage();
  const attempts = await runArrival(
    sender,
    (options) => {
      const payload = isRepeated ? requests?.repeated() : requests?.next();
      return sender.send(path ?? payload?.path ?? '/health/live', payload, options);
    },
    arrival,
    seconds,
  );
  const { user, system } = process.cpuUsage(startCpu);
  await sender.close();
  return { attempts, cpuSeconds: (user + system) / 1e6 };
});
sendReady();
