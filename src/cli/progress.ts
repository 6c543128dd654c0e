import cliProgress from 'cli-progress';

/** A progress bar on standard error; nothing where that is no terminal. */
export function progressBar(what: string, total: number): { step(amount?: number): void; stop(): void } {
  if (!process.stderr.isTTY) return { step: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar(
    { format: `${what} {bar} {value}/{total} {eta_formatted} left`, hideCursor: true, stream: process.stderr },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0);
  return { step: (amount = 1) => bar.increment(amount), stop: () => bar.stop() };
}
