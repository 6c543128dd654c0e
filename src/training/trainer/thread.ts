/** The thread that trains: one training, then it has nothing more to do. */
import { parentPort } from 'node:worker_threads';
import { oneLine, PanelvecError } from '../../errors.ts';
import { train } from '../train.ts';
import type { TrainingPlan } from '../training-plan.ts';
import type { FromTrainer, ToTrainer } from './contract.ts';

const stopping = new AbortController();

function send(message: FromTrainer): void {
  parentPort!.postMessage(message);
}

async function run(plan: TrainingPlan): Promise<void> {
  try {
    const summary = await train(plan, {
      signal: stopping.signal,
      begun: () => send({ type: 'begun' }),
      progress: (done, total, detail) => send({ type: 'progress', done, total, detail }),
      record: (record) => send({ type: 'record', record }),
      note: (message) => send({ type: 'note', message }),
    });
    send({ type: 'done', summary });
  } catch (error) {
    if (stopping.signal.aborted) return send({ type: 'stopped' });
    const known = error instanceof PanelvecError ? error : undefined;
    send({ type: 'failed', code: known?.code ?? 'internal', message: oneLine(error), param: known?.param });
  }
}

parentPort!.on('message', (message: ToTrainer) => {
  if (message.type === 'stop') stopping.abort();
  else void run(message.plan);
});
