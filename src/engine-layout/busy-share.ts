import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** The share of this machine's cores that are at work during a time, from 0 to 1. */
export async function measureBusyShare(ms: number): Promise<number> {
  const before = readTimes();
  await delay(ms);
  const after = readTimes();
  const total = after.total - before.total;
  return total === 0 ? 0 : (after.busy - before.busy) / total;
}

function readTimes(): { busy: number; total: number } {
  let [busy, total] = [0, 0];
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    total += all;
    busy += all - times.idle;
  }
  return { busy, total };
}
