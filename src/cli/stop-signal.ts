/** Waits for the first SIGTERM or SIGINT. */
export function waitForStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    // The listeners stay: shell and npm both pass on Ctrl-C, and the second signal must not kill a process that is stopping.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}
