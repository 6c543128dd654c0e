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
  /** Share of the refused clients that return over another connection */
  readonly reconnecting?: number;
  /** How many clients a proxy has on each connection; each has its own by default */
  readonly clientsPerConnection?: number;
  readonly seed: number;
}

export interface SimulatedResult {
  /** Seconds from the admission to the response, sorted */
  readonly waits: readonly number[];
  /** Of the tries that came after a refusal, over the connection that was refused, the share that was accepted */
  readonly acceptedRetries: number;
  readonly retries: number;
  readonly refused: number;
  /** Share of the time, after the first second, in which the service worked */
  readonly utilisation: number;
}

const WARM_UP_SECONDS = 10;
const WARM_UP_CLIENTS = 16;

/**
 * Clients that send one request after the other, and obey when they are refused, against one server; in simulated time. Before them,
 * a few clients teach the admission how fast the server is.
 */
export function simulateOverload(load: SimulatedLoad): SimulatedResult {
  const { clients, seconds, rate, cost = () => 0.01, obey = (retryAfter) => retryAfter * 1000, seed } = load;
  const { lost = 0, reconnecting = 0, clientsPerConnection = 1 } = load;
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
  const send = (connection: object, isRetry: boolean) => {
    const work = cost(random);
    if (isRetry) retries++;
    try {
      const unread = { kind: 'pictures', bodyBytes: 1, priority: 'interactive', connection } as const;
      const place = admission.admit({ cost: work, priority: 'interactive' }, admission.hold(unread));
      if (isRetry) acceptedRetries++;
      const sentAt = now;
      const done = () => {
        waits.push((now - sentAt) / 1000);
        place.recordDone(work);
        place.release();
        schedule(now + 1, () => send(connection, false));
      };
      queue.push({ work, done });
      if (!isRunning) serve();
    } catch (error) {
      refused++;
      const { retryAfterSeconds = 0 } = error as PanelvecError;
      const isLost = random() < lost;
      const isReconnected = isLost || random() < reconnecting;
      const next = isReconnected ? {} : connection;
      schedule(now + obey(retryAfterSeconds), () => send(next, !isReconnected));
    }
  };
  const connections = Array.from({ length: Math.ceil(clients / clientsPerConnection) }, () => ({}));
  for (let i = 0; i < clients; i++) {
    const connection = connections[i % connections.length] ?? {};
    const startsAt = i < WARM_UP_CLIENTS ? 0 : WARM_UP_SECONDS * 1000;
    schedule(startsAt + random() * 100, () => send(connection, false));
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
