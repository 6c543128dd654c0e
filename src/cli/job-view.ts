import cliProgress from 'cli-progress';
import type { JobAnswer } from '../http/jobs/job-schemas.ts';

/** A bar where there is a terminal, lines where there is none. */
export function progressView(): { show(job: JobAnswer): void; stop(): void } {
  if (!process.stderr.isTTY) {
    let shown = '';
    const show = (job: JobAnswer) => {
      const { done, total, phase } = job.progress;
      const line = `${job.state} ${phase} ${done}/${total ?? '?'}`;
      if (line !== shown) process.stderr.write(`${line}\n`);
      shown = line;
    };
    return { show, stop: () => {} };
  }
  const format = '{phase} {bar} {value}/{total} pages, {rate} pages/s, {left}';
  const bar = new cliProgress.SingleBar(
    { format, hideCursor: true, stream: process.stderr },
    cliProgress.Presets.shades_classic,
  );
  bar.start(1, 0, { phase: 'queued', rate: '0', left: '' });
  return {
    show({ state, progress: { done, total, rate, seconds_left: left, phase } }) {
      bar.setTotal(total ?? Math.max(done, 1));
      const shown = state === 'running' || state === 'succeeded' ? phase : state;
      bar.update(done, {
        phase: shown,
        rate: rate.toFixed(1),
        left: left === null ? '' : `${Math.round(left)} s left`,
      });
    },
    stop: () => bar.stop(),
  };
}

/** A job in a line. */
export function describeJob({ id, type, state, progress, spec, created_at, error }: JobAnswer): string {
  const pages = `${progress.done}/${progress.total ?? '?'} pages`;
  return [id, type, state, pages, String(spec['output']), created_at, error?.message ?? ''].join('  ').trimEnd();
}
