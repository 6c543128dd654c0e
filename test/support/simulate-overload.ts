import { WaitAdmission } from '../../src/embedding/wait-admission.ts';
import type { PanelvecError } from '../../src/errors.ts';
import { mulberry32 } from './mulberry32.ts';

export interface SimulatedLoad {
  readonly clients: number;
  readonly seconds: number;
  /** Requests that the service answers in a second */
  readonly rate: number;
  /** Cost of a request in the unit of the admission; it need not fit the rate */
  readonly cost?: (random: () => number) => number;
  /** What a client does with its Retry-After, in milliseconds */
  readonly obey?: (retryAfterSeconds: number) => number;
  /** Share of the refused clients that never return; others begin in their place after as long */
  readonly lost?: number;
  readonly connections?: Connections;
  /** Distinct lengths of bodies, by which a request is known over another connection; 50,000 by default */
  readonly lengths?: number;
  readonly seed: number;
}

/**
 * How clients connect. Each has a connection of its own by default; many share one of a proxy; all take any that is free from a pool;
 * or they close their own after so many seconds without a request, and open another one.
 */
export type Connections =
  | { readonly clientsPerConnection: number }
  | { readonly pooled: true }
  | { readonly idleSeconds: number };

export interface SimulatedResult {
  /** Seconds from the admission to the response, sorted */
  readonly waits: readonly number[];
  /** Of the tries that came after a refusal, the share that was accepted */
  readonly acceptedRetries: number;
  readonly retries: number;
  readonly refused: number;
  /** Share of the time, after the first second, in which the service worked */
  readonly utilisation: number;
}

interface SimulatedRequest {
  readonly work: number;
  readonly bodyBytes: number;
  readonly isRetry: boolean;
}

const WARM_UP_SECONDS = 10;
const WARM_UP_CLIENTS = 16;
const MIN_BODY_BYTES = 50_000;
/** From one request of a client to the next */
const THINK_MS = 1;
const MAX_NETWORK_MS = 5;

/**
 * Clients that send one request after the other, and obey when they are refused, against one server; in simulated time. Before them,
 * a few clients teach the admission how fast the server is.
 */
export function simulateOverload(load: SimulatedLoad): SimulatedResult {
  const { clients, seconds, rate, cost = () => 0.01, obey = (retryAfter) => retryAfter * 1000, seed } = load;
  const { lost = 0, connections = { clientsPerConnection: 1 }, lengths = 50_000 } = load;
  const random = mulberry32(seed);
  let now = 0;
  const admission = new WaitAdmission({ maxWaitSeconds: 2, now: () => now, random });
  const events: { time: number; run: () => void }[] = [];
  const schedule = (time: number, run: () => void) => {
    let index = events.length;
    while (index > 0 && (events[index - 1]?.time ?? 0) < time) index--;
    events.splice(index, 0, { time, run });
  };
  const queue: { work: number; done: () => void }[] = [];
  const waits: number[] = [];
  const meanCost = Array.from({ length: 1000 }, () => cost(random)).reduce((sum, each) => sum + each, 0) / 1000;
  let [busyMs, refused, retries, acceptedRetries] = [0, 0, 0, 0];
  let isRunning = false;
  const serve = () => {
    const next = queue.shift();
    isRunning = next !== undefined;
    if (next === undefined) return;
    const duration = (1000 * next.work) / meanCost / rate;
    if (now > 1000) busyMs += duration;
    schedule(now + duration, () => {
      next.done();
      serve();
    });
  };
  const pool: object[] = [];
  /** The connection over which a client sends after a time without a request */
  const connectAfter = (last: object, ms: number) => {
    if ('pooled' in connections) return pool.shift() ?? {};
    return 'idleSeconds' in connections && ms >= connections.idleSeconds * 1000 ? {} : last;
  };
  const newRequest = () => {
    return { work: cost(random), bodyBytes: MIN_BODY_BYTES + Math.floor(random() * lengths), isRetry: false };
  };
  const sendAfter = (ms: number, last: object, request: SimulatedRequest) => {
    if ('pooled' in connections) pool.unshift(last);
    schedule(now + ms + random() * MAX_NETWORK_MS, () => send(connectAfter(last, ms), request));
  };
  const send = (connection: object, { work, bodyBytes, isRetry }: SimulatedRequest) => {
    if (isRetry) retries++;
    try {
      const client = { connection, request: String(bodyBytes) };
      const place = admission.admit(
        { cost: work, priority: 'interactive' },
        admission.hold({ kind: 'pictures', bodyBytes, priority: 'interactive', client }),
      );
      if (isRetry) acceptedRetries++;
      const sentAt = now;
      const done = () => {
        waits.push((now - sentAt) / 1000);
        place.recordDone(work);
        place.release();
        sendAfter(THINK_MS, connection, newRequest());
      };
      queue.push({ work, done });
      if (!isRunning) serve();
    } catch (error) {
      refused++;
      const { retryAfterSeconds = 0 } = error as PanelvecError;
      const next = random() < lost ? newRequest() : { work, bodyBytes, isRetry: true };
      sendAfter(obey(retryAfterSeconds), next.isRetry ? connection : {}, next);
    }
  };
  const clientsPerConnection = 'clientsPerConnection' in connections ? connections.clientsPerConnection : 1;
  const opened = Array.from({ length: Math.ceil(clients / clientsPerConnection) }, () => ({}));
  for (let i = 0; i < clients; i++) {
    const startsAt = i < WARM_UP_CLIENTS ? 0 : WARM_UP_SECONDS * 1000;
    schedule(startsAt + random() * 100, () => send(opened[i % opened.length] ?? {}, newRequest()));
  }
  const endsAt = (WARM_UP_SECONDS + seconds) * 1000;
  for (let next = events.pop(); next !== undefined && next.time < endsAt; next = events.pop()) {
    now = next.time;
    next.run();
  }
  waits.sort((a, b) => a - b);
  const utilisation = busyMs / (endsAt - 1000);
  return { waits, acceptedRetries: acceptedRetries / Math.max(1, retries), retries, refused, utilisation };
}
