/**
 * Signals that ask a process to end. On Windows no process can send them to another: the console raises them for Ctrl-C,
 * Ctrl-Break and the end of its window.
 */
export function stopSignals(platform: NodeJS.Platform = process.platform): readonly NodeJS.Signals[] {
  return platform === 'win32' ? ['SIGTERM', 'SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGTERM', 'SIGINT'];
}

/** For child processes: a terminal signals all its processes, but the parent decides when its children end. */
export function ignoreStopSignals(): void {
  for (const signal of stopSignals()) process.on(signal, () => {});
}
