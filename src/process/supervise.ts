import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';

/** How long to wait before a process that ended is started again. Equal delays make a fixed delay. */
export interface RestartPolicy {
  /** The delay doubles with every process that ends early, from the minimum up to the maximum. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** A process that was ready for longer did not end early: the delay is the minimum again. */
  readonly minUptimeMs: number;
}

/** A policy with the same delay before every restart. */
export function fixedDelay(delayMs: number): RestartPolicy {
  return { minDelayMs: delayMs, maxDelayMs: delayMs, minUptimeMs: 0 };
}

/** The delay before the next restart, after one of `delayMs` and a process that was ready for `uptimeMs`. */
export function nextDelay(policy: RestartPolicy, delayMs: number, uptimeMs: number): number {
  return uptimeMs > policy.minUptimeMs ? policy.minDelayMs : Math.min(2 * delayMs, policy.maxDelayMs);
}

export interface SupervisedProcess {
  readonly pid: number | undefined;
  /** Resolves when the process can work. Rejects where it cannot start; then it also ends. */
  readonly ready: Promise<unknown>;
  /** Resolves with the reason when the process has ended. */
  readonly exited: Promise<string>;
}

export interface SupervisorOptions<Process extends SupervisedProcess> {
  /** Name of the process in the log */
  readonly name: string;
  readonly restartPolicy: RestartPolicy;
  /** Stops the restarts. The caller ends the process that runs. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Called whenever a process is ready, the first one too. */
  onReady?(process: Process): void;
  /** Called when a process has ended and will be started again. */
  onExit?(process: Process): void | Promise<void>;
}

/**
 * Starts a process, and starts it again whenever it ends. Resolves when the first process is ready.
 * @throws the error of the first process, where that cannot start: it is an error of configuration, so there is no retry
 */
export async function supervise<Process extends SupervisedProcess>(
  launch: () => Process,
  options: SupervisorOptions<Process>,
): Promise<void> {
  const process = launch();
  await process.ready;
  options.onReady?.(process);
  void restartForever(process, launch, options);
}

async function restartForever<Process extends SupervisedProcess>(
  firstProcess: Process,
  launch: () => Process,
  { name, restartPolicy, signal, log, onReady, onExit }: SupervisorOptions<Process>,
): Promise<void> {
  let delayMs = restartPolicy.minDelayMs;
  let readyAt = performance.now();
  for (let process = firstProcess; ; ) {
    const reason = await process.exited;
    const uptimeMs = performance.now() - readyAt;
    if (signal.aborted) return;
    log.error({ reason, child_pid: process.pid }, `the ${name} ended and is started again`);
    await onExit?.(process);
    delayMs = nextDelay(restartPolicy, delayMs, uptimeMs);
    await delay(delayMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    try {
      process = launch();
      await process.ready;
      onReady?.(process);
    } catch (err) {
      log.error({ err }, `the ${name} did not start`);
    }
    readyAt = performance.now();
  }
}
