import { readdirSync, readFileSync } from 'node:fs';

/** What /proc/<pid>/status gives sizes in. */
const KILOBYTES_PER_MEGABYTE = 1024;

/** The most memory that each process of a service has held at a time, in MB by its title. Linux only. */
export function peakMegabytes(service: number): Record<string, number> {
  const pids = [service, ...descendants(service)];
  return Object.fromEntries(pids.map((pid) => [titleOf(pid), peakOf(pid)]));
}

function descendants(parent: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
  return children.flatMap((pid) => [pid, ...descendants(pid)]);
}

/** Undefined for a process that has ended meanwhile. */
function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

/** As `process.title` set it, which the kernel pads. */
function titleOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]!.trim();
}

function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)![1]) / KILOBYTES_PER_MEGABYTE;
}
