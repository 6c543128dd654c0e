import cliProgress from 'cli-progress';
import type { JobResponse } from '../http/routes/jobs/job-schemas.ts';

/** Shows the progress of a job on standard error. */
export interface JobView {
  show(job: JobResponse): void;
  stop(): void;
}

export function createJobView(): JobView {
  return process.stderr.isTTY ? createBarView() : createLineView();
}

/** Writes a line for each change, for logs and pipes. */
function createLineView(): JobView {
  let lastLine = '';
  return {
    show(job) {
      const { done, total, phase } = job.progress;
      const line = `${job.state} ${phase} ${done}/${total ?? '?'}${formatTrainingNumbers(job)}`;
      if (line !== lastLine) process.stderr.write(`${line}\n`);
      lastLine = line;
    },
    stop: () => {},
  };
}

function createBarView(): JobView {
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
      bar.update(done, {
        phase: state === 'running' || state === 'succeeded' ? phase : state,
        rate: rate.toFixed(1),
        left: secondsLeft === null ? '' : `${Math.round(secondsLeft)} s left`,
        numbers: formatTrainingNumbers(job),
      });
    },
    stop: () => bar.stop(),
  };
}

/** Epoch, step and loss of a training; empty for other jobs. A loss that is not finite shows as NaN. */
function formatTrainingNumbers({ progress: { detail } }: JobResponse): string {
  if (detail === null || detail['epoch'] === undefined) return '';
  const { epoch, step, loss } = detail;
  return `, epoch ${epoch}, step ${step}, loss ${loss === null || loss === undefined ? 'NaN' : loss.toPrecision(4)}`;
}

/** Describes a job in one line. */
export function describeJob({ id, type, state, progress, spec, created_at, error }: JobResponse): string {
  const pages = `${progress.done}/${progress.total ?? '?'} pages`;
  return [id, type, state, pages, String(spec['output']), created_at, error?.message ?? ''].join('  ').trimEnd();
}
