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
  readonly seed: number;
}

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

/** Clients that send one request after the other, and obey when they are refused, against one server; in simulated time. */
export function simulateOverload(load: SimulatedLoad): SimulatedResult {
  const { clients, seconds, rate, cost = () => 0.01, obey = (retryAfter) => retryAfter * 1000, seed } = load;
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
  const send = (isRetry: boolean) => {
    const work = cost(random);
    if (isRetry) retries++;
    try {
      const place = admission.admit({ cost: work, priority: 'interactive' });
      if (isRetry) acceptedRetries++;
      const sentAt = now;
      const done = () => {
        waits.push((now - sentAt) / 1000);
        place.recordDone(work);
        place.release();
        schedule(now + 1, () => send(false));
      };
      queue.push({ work, done });
      if (!isRunning) serve();
    } catch (error) {
      refused++;
      const { retryAfterSeconds = 0 } = error as PanelvecError;
      schedule(now + obey(retryAfterSeconds), () => send(true));
    }
  };
  for (let i = 0; i < clients; i++) schedule(random() * 100, () => send(false));
  for (let next = events.pop(); next !== undefined && next.time < seconds * 1000; next = events.pop()) {
    now = next.time;
    next.run();
  }
  waits.sort((a, b) => a - b);
  const utilisation = busyMs / (seconds * 1000 - 1000);
  return { waits, acceptedRetries: acceptedRetries / Math.max(1, retries), retries, refused, utilisation };
}
