import { readdirSync, readFileSync } from 'node:fs';

/** A process that runs. */
export interface RunningProcess {
  readonly pid: number;
  /** `process.title`, without what the kernel pads */
  readonly title: string;
  readonly residentBytes: number;
  readonly openFiles: number;
}

const BYTES_PER_KILOBYTE = 1024;

/** A process and all that it has started, with what they take now. Linux only. */
export function readProcessTree(root: number): RunningProcess[] {
  return listProcessTree(root)
    .map(readProcess)
    .filter((process) => process !== undefined);
}

/** Ids of a process and all that it has started. Linux only. */
export function listProcessTree(root: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .map((pid) => ({ pid, parent: parentOf(pid) }));
  const pids = [root];
  for (const pid of pids) for (const child of parents) if (child.parent === pid) pids.push(child.pid);
  return pids;
}

function parentOf(pid: number): number | undefined {
  return numberIn(readIfRunning(`/proc/${pid}/status`), /^PPid:\s*(\d+)/m);
}

/** Undefined if it has ended meanwhile. */
function readProcess(pid: number): RunningProcess | undefined {
  const kilobytes = numberIn(readIfRunning(`/proc/${pid}/status`), /^VmRSS:\s*(\d+) kB/m);
  const title = readTitle(pid);
  if (kilobytes === undefined || title === undefined) return undefined;
  return { pid, title, residentBytes: kilobytes * BYTES_PER_KILOBYTE, openFiles: countOpenFiles(pid) };
}

/** `process.title` of a process; undefined if it has ended. */
export function readTitle(pid: number): string | undefined {
  return readIfRunning(`/proc/${pid}/cmdline`)?.split('\0')[0]?.trim();
}

function countOpenFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function readIfRunning(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function numberIn(text: string | undefined, pattern: RegExp): number | undefined {
  const number = text === undefined ? undefined : pattern.exec(text)?.[1];
  return number === undefined ? undefined : Number(number);
}
