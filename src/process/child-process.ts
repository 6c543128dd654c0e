import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/** How a process ended; for one that could not be made, the message of the error is its code. */
export type ExitStatus = readonly [code: number | string | null, signal: NodeJS.Signals | null];

export interface TerminationOptions {
  /** Which of the two the process listens to */
  readonly method: 'SIGTERM' | 'disconnect';
  /** What is still there after this time is killed. */
  readonly graceMs: number;
}

export function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Resolves when the process is gone, at once where it is gone already. */
export function waitForExit(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    if (hasExited(child)) resolve([child.exitCode, child.signalCode]);
    // Where no process can be made (no memory, no descriptors left), an error is all that comes.
    child.on('error', (error) => child.pid === undefined && resolve([error.message, null]));
    child.once('exit', (code, signal) => resolve([code, signal]));
  });
}

/** Asks a process to end, and kills it where that takes too long. Resolves when it is gone. */
export async function terminateChild(child: ChildProcess, { method, graceMs }: TerminationOptions): Promise<void> {
  const exited = waitForExit(child);
  if (method === 'SIGTERM') child.kill('SIGTERM');
  else if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

/** For processes that take every core that they get: whoever answers calls goes on answering while they do. */
export function lowerPriority({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Only a preference: some containers forbid it.
  }
}
