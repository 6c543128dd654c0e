import { setTimeout as delay } from 'node:timers/promises';

const CHECK_INTERVAL_MS = 5;
/** Beside steady requests, pictures still come at ten a second for each thread. */
const MAX_WAIT_MS = 100;

/** Waits while more urgent work is in progress, but not for long. Engines have a lower priority than what decodes pictures. */
export async function giveWay(isBusy: () => boolean): Promise<void> {
  const deadline = performance.now() + MAX_WAIT_MS;
  while (isBusy() && performance.now() < deadline) await delay(CHECK_INTERVAL_MS);
}
