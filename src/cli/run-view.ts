import cliProgress from 'cli-progress';
import type { RunProgress } from '../jobs/worker/run-job.ts';

/** Shows on standard error how far a job of this process is: a bar, or a line for each phase where that is no terminal. */
export interface RunView {
  show(progress: RunProgress): void;
  stop(): void;
}

export function createRunView(): RunView {
  if (!process.stderr.isTTY) {
    let lastPhase = '';
    return {
      show({ phase }) {
        if (phase !== lastPhase) process.stderr.write(`${phase}\n`);
        lastPhase = phase;
      },
      stop: () => {},
    };
  }
  const bar = new cliProgress.SingleBar(
    { format: '{phase} {bar} {percentage} %, {duration_formatted}{numbers}', hideCursor: true, stream: process.stderr },
    cliProgress.Presets.shades_classic,
  );
  bar.start(1, 0, { phase: 'starting', numbers: '' });
  return {
    show({ phase, done, total, detail }) {
      bar.setTotal(total ?? Math.max(done, 1));
      const numbers = Object.entries(detail ?? {}).filter(([name]) => name === 'fold' || name === 'epoch');
      bar.update(done, { phase, numbers: numbers.map(([name, value]) => `, ${name} ${value}`).join('') });
    },
    stop: () => bar.stop(),
  };
}
