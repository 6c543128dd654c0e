import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { PanelvecError } from '../../errors.ts';
import { lowerPriority, waitForExit } from '../../process/child-process.ts';
import { StderrTail } from '../../process/stderr-tail.ts';
import type { TrainingHooks, TrainingSummary } from '../training-hooks.ts';
import type { TrainingPlan } from '../training-plan.ts';
import type { MessageFromTrainer, MessageToTrainer } from './trainer-messages.ts';

const ENTRY = path.join(import.meta.dirname, 'trainer-main.ts');
/**
 * ONNX Runtime gives each run's outputs as new memory, which glibc would return to the system and fault in again with every
 * step: to keep it makes a step of a head 7 % shorter. Elsewhere these variables mean nothing.
 */
export const TRAINER_ENV = { MALLOC_MMAP_THRESHOLD_: String(2 ** 30), MALLOC_TRIM_THRESHOLD_: String(2 ** 32) };
/** Long enough for a step and a checkpoint. */
const STOP_GRACE_MS = 8000;

/**
 * Trains in a process of its own, so that whoever waits for it stays responsive, and a step that asks for more memory than
 * there is takes nobody else along.
 * @throws PanelvecError as train() does, or worker_lost where the process dies; the signal's reason
 */
export async function trainInProcess(plan: TrainingPlan, hooks: TrainingHooks): Promise<TrainingSummary> {
  hooks.signal.throwIfAborted();
  const child = fork(ENTRY, {
    env: { ...process.env, ...TRAINER_ENV },
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const stderrTail = new StderrTail(child);
  const outcome = Promise.withResolvers<TrainingSummary>();
  const exited = waitForExit(child).then(([code, signal]) => rejectAsLost(signal ?? `exit code ${code}`));
  child.on('message', (message: MessageFromTrainer) => receive(message));
  lowerPriority(child);
  const stop = () => {
    send(child, { type: 'stop' });
    setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS).unref();
  };
  hooks.signal.addEventListener('abort', stop, { once: true });
  send(child, { type: 'train', plan });
  try {
    return await outcome.promise;
  } finally {
    hooks.signal.removeEventListener('abort', stop);
    child.kill('SIGKILL');
    // Not before it is gone is there nobody who could still write.
    await exited;
  }

  function receive(message: MessageFromTrainer): void {
    if (message.type === 'begun') {
      stderrTail.markStarted();
      hooks.onStart();
    } else if (message.type === 'progress') hooks.onProgress(message.done, message.total, message.detail);
    else if (message.type === 'record') hooks.onRecord(message.record);
    else if (message.type === 'note') hooks.onWarning(message.message);
    else if (message.type === 'done') outcome.resolve(message.summary);
    else if (message.type === 'stopped') outcome.reject(hooks.signal.reason);
    else
      outcome.reject(new PanelvecError(message.code, message.message, message.param ? { param: message.param } : {}));
  }

  function rejectAsLost(reason: string): void {
    const error = hooks.signal.aborted
      ? hooks.signal.reason
      : new PanelvecError('worker_lost', `the training process ended (${reason})${stderrTail.errorLine}`);
    outcome.reject(error);
  }
}

function send(child: ChildProcess, message: MessageToTrainer): void {
  // Where it is gone, its end says so.
  if (child.pid !== undefined && child.connected) child.send(message, () => {});
}
