import cliProgress from 'cli-progress';
import type { JobResponse } from '../http/routes/jobs/job-schemas.ts';

/** A bar where there is a terminal, lines where there is none. */
export function createProgressView(): { show(job: JobResponse): void; stop(): void } {
  if (!process.stderr.isTTY) {
    let lastLine = '';
    const show = (job: JobResponse) => {
      const { done, total, phase } = job.progress;
      const line = `${job.state} ${phase} ${done}/${total ?? '?'}${formatTrainingNumbers(job)}`;
      if (line !== lastLine) process.stderr.write(`${line}\n`);
      lastLine = line;
    };
    return { show, stop: () => {} };
  }
  const format = '{phase} {bar} {value}/{total} pages, {rate} pages/s, {left}{numbers}';
  const bar = new cliProgress.SingleBar(
    { format, hideCursor: true, stream: process.stderr },
    cliProgress.Presets.shades_classic,
  );
  bar.start(1, 0, { phase: 'queued', rate: '0', left: '', numbers: '' });
  return {
    show(job) {
      const { state, progress } = job;
      const { done, total, rate, seconds_left: secondsLeft, phase } = progress;
      bar.setTotal(total ?? Math.max(done, 1));
      const phaseOrState = state === 'running' || state === 'succeeded' ? phase : state;
      bar.update(done, {
        phase: phaseOrState,
        rate: rate.toFixed(1),
        left: secondsLeft === null ? '' : `${Math.round(secondsLeft)} s left`,
        numbers: formatTrainingNumbers(job),
      });
    },
    stop: () => bar.stop(),
  };
}

/** Where a training is; empty for other jobs. A loss that is no number is what one would like to see first. */
function formatTrainingNumbers({ progress: { detail } }: JobResponse): string {
  if (detail === null || detail['epoch'] === undefined) return '';
  const { epoch, step, loss } = detail;
  return `, epoch ${epoch}, step ${step}, loss ${loss === null || loss === undefined ? 'NaN' : loss.toPrecision(4)}`;
}

/** A job in a line. */
export function describeJob({ id, type, state, progress, spec, created_at, error }: JobResponse): string {
  const pages = `${progress.done}/${progress.total ?? '?'} pages`;
  return [id, type, state, pages, String(spec['output']), created_at, error?.message ?? ''].join('  ').trimEnd();
}
