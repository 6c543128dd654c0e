/** The first signal that asks this process to end. */
export function waitForStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    // For good: a shell and npm both pass Ctrl-C on, and the second must not end what the first lets drain.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
  });
}
