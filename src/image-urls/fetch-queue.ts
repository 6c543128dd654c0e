import pLimit from 'p-limit';
import { PanelvecError } from '../errors.ts';

/** Downloads at a time. Each takes a socket, and a part of an image. */
const MAX_CONCURRENT = 32;
const MAX_WAITING = 512;

/** Lets a few downloads run at a time. Those that wait leave at once when their signal is aborted, and then count no more. */
export class FetchQueue {
  readonly #limit = pLimit(MAX_CONCURRENT);
  /** How many left that the limit still has: it cannot take one out. */
  #left = 0;

  /** @throws PanelvecError queue_full; the reason of the signal, if it is aborted before the turn; what `run` throws */
  run<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#limit.pendingCount - this.#left >= MAX_WAITING)
      throw new PanelvecError('queue_full', `${MAX_WAITING} images wait to be fetched`, { retryAfterSeconds: 1 });
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const leave = () => {
      this.#left++;
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    void this.#limit(async () => {
      if (signal.aborted) {
        this.#left--;
        return;
      }
      signal.removeEventListener('abort', leave);
      const running = run();
      resolve(running);
      await running.catch(() => {});
    });
    return promise;
  }
}
