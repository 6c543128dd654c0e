import { stopSignals } from '../process/stop-signals.ts';

/** Waits for the first signal that asks this process to end. */
export function waitForStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    // The listeners stay: shell and npm both pass on Ctrl-C, and the second signal must not kill a process that is stopping.
    for (const signal of stopSignals()) process.on(signal, () => resolve(signal));
  });
}
