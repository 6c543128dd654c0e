/** The thread that trains: one training, then it has nothing more to do. */
import { parentPort } from 'node:worker_threads';
import { firstLine, PanelvecError } from '../../errors.ts';
import { train } from '../train.ts';
import type { TrainingPlan } from '../training-plan.ts';
import type { MessageFromTrainer, MessageToTrainer } from './trainer-messages.ts';

const controller = new AbortController();

function send(message: MessageFromTrainer): void {
  parentPort!.postMessage(message);
}

async function run(plan: TrainingPlan): Promise<void> {
  try {
    const summary = await train(plan, {
      signal: controller.signal,
      onStart: () => send({ type: 'begun' }),
      onProgress: (done, total, detail) => send({ type: 'progress', done, total, detail }),
      onRecord: (record) => send({ type: 'record', record }),
      onWarning: (message) => send({ type: 'note', message }),
    });
    send({ type: 'done', summary });
  } catch (error) {
    if (controller.signal.aborted) return send({ type: 'stopped' });
    const panelvecError = error instanceof PanelvecError ? error : undefined;
    send({
      type: 'failed',
      code: panelvecError?.code ?? 'internal',
      message: firstLine(error),
      param: panelvecError?.param,
    });
  }
}

parentPort!.on('message', (message: MessageToTrainer) => {
  if (message.type === 'stop') controller.abort();
  else void run(message.plan);
});
