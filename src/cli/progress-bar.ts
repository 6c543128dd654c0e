import cliProgress from 'cli-progress';

const MEGABYTE = 2 ** 20;

export interface ProgressBar {
  increment(amount?: number): void;
  stop(): void;
}

/** Shows a progress bar on standard error, if that is a terminal. */
export function createProgressBar(label: string, total: number, unit: 'items' | 'bytes' = 'items'): ProgressBar {
  if (!process.stderr.isTTY) return { increment: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar(
    {
      format: `${label} {bar} {value}/{total} {eta_formatted} left`,
      hideCursor: true,
      stream: process.stderr,
      ...(unit === 'bytes' && { formatValue: formatMegabytes }),
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0);
  return { increment: (amount = 1) => bar.increment(amount), stop: () => bar.stop() };
}

function formatMegabytes(value: number, _: cliProgress.Options, type: cliProgress.ValueType): string {
  return type === 'value' || type === 'total' ? `${(value / MEGABYTE).toFixed(0)} MiB` : String(value);
}
