import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;
const DEFAULT_TIMEOUT_MS = 20_000;

/** Waits until `check` gives a value. The timeout is long enough for a slow machine: only a defect reaches it. */
export async function waitFor<T>(
  description: string,
  check: () => T | Promise<T>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`timed out waiting for ${description}`);
    await delay(POLL_MS);
  }
}
