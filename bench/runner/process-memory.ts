/** What processes take, from /proc: Linux only. */
import { readFileSync } from 'node:fs';
import { listProcessTree, readTitle } from '../../test/support/process-tree.ts';

/** The unit of /proc/<pid>/status */
const KILOBYTES_PER_MEGABYTE = 1024;

/** Resident memory of processes in MB, by title; that of several with one title is added up. */
export type MemoryByTitle = Readonly<Record<string, number>>;

/** Memory of a process and all that it has started. @param field VmRSS for now, VmHWM for the peak of each process */
export function processTreeMegabytes(root: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): MemoryByTitle {
  const megabytes: Record<string, number> = {};
  for (const pid of listProcessTree(root)) {
    const kilobytes = Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(readProc(pid, 'status'))?.[1] ?? 0);
    const title = readTitle(pid) ?? '';
    megabytes[title] = (megabytes[title] ?? 0) + kilobytes / KILOBYTES_PER_MEGABYTE;
  }
  return megabytes;
}

/** Memory of a process and its descendants in MB, with pages that several share counted once, as the kernel shares them out. */
export function sharedOnceMegabytes(root: number): number {
  const kilobytes = listProcessTree(root).map((pid) =>
    Number(/^Pss:\s*(\d+) kB/m.exec(readProc(pid, 'smaps_rollup'))?.[1] ?? 0),
  );
  return kilobytes.reduce((sum, value) => sum + value, 0) / KILOBYTES_PER_MEGABYTE;
}

export function totalMegabytes(memory: MemoryByTitle): number {
  return Object.values(memory).reduce((sum, megabytes) => sum + megabytes, 0);
}

/** Empty for a process that has ended meanwhile. */
function readProc(pid: number, file: 'status' | 'smaps_rollup'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
