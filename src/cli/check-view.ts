import cliProgress from 'cli-progress';
import type { CheckProgress } from '../jobs/embed/check-dataset.ts';

/** Shows on standard error how far the check of a dataset is, if that is a terminal. */
export interface CheckView extends Required<CheckProgress> {
  stop(): void;
}

export function createCheckView(): CheckView {
  if (!process.stderr.isTTY) return { onIndexed: () => {}, onChecked: () => {}, stop: () => {} };
  // A page is checked as soon as the index has found it, so nobody knows yet how many there will be.
  const bar = new cliProgress.SingleBar(
    { format: '{phase}: {value}, {duration_formatted}', hideCursor: true, stream: process.stderr },
    cliProgress.Presets.shades_classic,
  );
  bar.start(0, 0, { phase: 'indexing' });
  let checked = 0;
  const show = (value: number, phase: string) => bar.update(value, { phase });
  return {
    onIndexed: (done, phase) => checked === 0 && show(done, `indexing ${phase}`),
    onChecked: (pages) => {
      checked = pages;
      show(pages, 'checking pages');
    },
    stop: () => bar.stop(),
  };
}
