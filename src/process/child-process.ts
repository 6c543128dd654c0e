import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/** How a process ended. For one that could not be started, `code` is the message of the error. */
export type ExitStatus = readonly [code: number | string | null, signal: NodeJS.Signals | null];

export interface TerminationOptions {
  /** What tells the process to end: a message that it waits for, or the end of its IPC channel. On Windows signals kill. */
  readonly method: 'message' | 'disconnect';
  /** A process that still runs after this time is killed. */
  readonly graceMs: number;
}

const STOP_MESSAGE = { type: 'stop' };

export function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Resolves when the process has ended, at once where it has ended already. */
export function waitForExit(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    if (hasExited(child)) resolve([child.exitCode, child.signalCode]);
    // A process that cannot be started (no memory, no file descriptors left) emits an error and nothing else.
    child.on('error', (error) => child.pid === undefined && resolve([error.message, null]));
    child.once('exit', (code, signal) => resolve([code, signal]));
  });
}

/** A phrase for logs and messages: "SIGKILL", "exit code 1", or why the process could not be started. */
export function describeExit([code, signal]: ExitStatus): string {
  return typeof code === 'string' ? code : (signal ?? `exit code ${code}`);
}

/** Resolves in a child process when its parent tells it to end by a message. */
export function waitForStopMessage(): Promise<void> {
  return new Promise((resolve) => {
    process.on('message', (message: { type?: unknown }) => {
      if (message.type === STOP_MESSAGE.type) resolve();
    });
  });
}

/** Tells a process to end, and kills it after the grace time. Resolves when it has ended. */
export async function terminateChild(child: ChildProcess, { method, graceMs }: TerminationOptions): Promise<void> {
  const exited = waitForExit(child);
  if (child.connected) {
    if (method === 'message') child.send(STOP_MESSAGE, () => {});
    else child.disconnect();
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

/** Lowers the priority of a process that uses every core, so that the process that serves requests stays responsive. */
export function lowerPriority({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Some containers forbid it. It is only a preference.
  }
}
