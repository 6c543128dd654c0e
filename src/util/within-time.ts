import { setTimeout as delay } from 'node:timers/promises';

/** The result of some work, which goes on if it takes longer. @throws Error after the time, or whatever the work throws */
export async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const timeout = delay(timeoutMs, undefined, { ref: false }).then(() => {
    throw new Error(`no answer in ${timeoutMs / 1000} seconds`);
  });
  return Promise.race([work, timeout]);
}
