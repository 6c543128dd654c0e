import { setTimeout as delay } from 'node:timers/promises';
import { isTransientError } from '../database/database.ts';

const RETRY_DELAY_MS = 500;
/** The embedded database is started again within seconds. A server that is away for longer fails the attempt. */
const MAX_WAIT_MS = 60_000;

/**
 * Runs an operation that may run twice, again and again while the database is away: a part that takes minutes to embed is not
 * lost with one connection.
 * @throws the signal's reason; what the operation throws
 */
export async function retryWhileUnreachable<T>(operation: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = performance.now() + MAX_WAIT_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await operation();
    } catch (error) {
      if (!isTransientError(error) || performance.now() > deadline) throw error;
      await delay(RETRY_DELAY_MS, undefined, { signal });
    }
  }
}
