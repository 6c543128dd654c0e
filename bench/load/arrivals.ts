import { SeededRandom } from '../../src/util/seeded-random.ts';
import type { Attempt } from './attempt.ts';
import type { RequestSender, SendOptions, SentRequest } from './request-sender.ts';

/** When requests are sent. */
export type Arrival =
  /**
   * Closed loop: each client has a connection, and sends its next request when the last has been answered, not sooner than a period after it, and
   * after a refusal not sooner than the server has asked for.
   */
  | { readonly kind: 'closed'; readonly clients: number; readonly periodMs?: number }
  /** Open loop: a Poisson process. Requests come whether others have been answered or not, as those of many people do. */
  | { readonly kind: 'open'; readonly ratePerSecond: number; readonly seed: number }
  /** A request each period, whether the last has been answered or not */
  | { readonly kind: 'fixed-rate'; readonly periodMs: number };

/** Sends the next request. */
export type SendNext = (options?: SendOptions) => Promise<SentRequest>;

/** Sends requests until the time is over. Resolves with all of them when the last has been answered. */
export function runArrival(
  sender: RequestSender,
  send: SendNext,
  arrival: Arrival,
  seconds: number,
): Promise<Attempt[]> {
  const endMs = 1000 * seconds;
  if (arrival.kind === 'closed') return runClients(sender, send, arrival, endMs);
  return runSchedule(
    sender,
    send,
    arrival.kind === 'open' ? poissonTimes(arrival, endMs) : fixedTimes(arrival.periodMs, endMs),
  );
}

async function runClients(
  sender: RequestSender,
  send: SendNext,
  { clients, periodMs = 0 }: Extract<Arrival, { kind: 'closed' }>,
  endMs: number,
): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const runClient = async () => {
    const connection = sender.openConnection();
    let isRetry = false;
    while (sender.now() < endMs) {
      const { attempt, retryAfterMs } = await send({ isRetry, connection });
      attempts.push(attempt);
      isRetry = retryAfterMs !== undefined;
      const nextMs = isRetry ? attempt.answeredMs + (retryAfterMs ?? 0) : attempt.plannedMs + periodMs;
      if (nextMs >= endMs) return;
      await sender.waitUntil(nextMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, runClient));
  return attempts;
}

async function runSchedule(sender: RequestSender, send: SendNext, times: Iterable<number>): Promise<Attempt[]> {
  const sent: Promise<SentRequest>[] = [];
  for (const plannedMs of times) {
    await sender.waitUntil(plannedMs);
    sent.push(send({ plannedMs }));
  }
  return (await Promise.all(sent)).map(({ attempt }) => attempt);
}

function* poissonTimes({ ratePerSecond, seed }: Extract<Arrival, { kind: 'open' }>, endMs: number): Generator<number> {
  const random = new SeededRandom(seed);
  let ms = 0;
  for (;;) {
    ms += (-Math.log(random.uniform()) * 1000) / ratePerSecond;
    if (ms >= endMs) return;
    yield ms;
  }
}

function* fixedTimes(periodMs: number, endMs: number): Generator<number> {
  for (let ms = 0; ms < endMs; ms += periodMs) yield ms;
}
