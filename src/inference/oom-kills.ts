import { readFileSync } from 'node:fs';

/** How many processes Linux has ended because memory ran out, since it started; 0 on systems that do not tell. */
export function countOomKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
