import { PanelvecError } from '../../errors.ts';
import { codeFile } from '../../process/code-file.ts';
import { ComputeProcess } from '../../process/compute-process.ts';
import type { TrainingHooks, TrainingSummary } from '../training-hooks.ts';
import type { TrainingPlan } from '../training-plan.ts';
import type { TrainerEvent, TrainerMethods } from './trainer-messages.ts';

const ENTRY = codeFile(import.meta, 'trainer-main');
/**
 * ONNX Runtime gives each run's outputs as new memory, which glibc would return to the system and fault in again with every
 * step: to keep it makes a step of a head 7 % shorter. Elsewhere these variables mean nothing.
 */
export const TRAINER_ENV = { MALLOC_MMAP_THRESHOLD_: String(2 ** 30), MALLOC_TRIM_THRESHOLD_: String(2 ** 32) };
/** Long enough for a step and a checkpoint. */
const STOP_GRACE_MS = 8000;

/**
 * Trains in a process of its own, so that the caller stays responsive, and a step that asks for more memory than there is
 * takes nothing else along.
 * @param entry the program of the process: by default, that which trains the served head
 * @throws PanelvecError as train() does, or worker_lost where the process ends early; the signal's reason
 */
export async function trainInProcess(
  plan: TrainingPlan,
  hooks: TrainingHooks,
  entry = ENTRY,
): Promise<TrainingSummary> {
  const { signal } = hooks;
  signal.throwIfAborted();
  const trainer: ComputeProcess<TrainerMethods> = new ComputeProcess({
    entry,
    environment: TRAINER_ENV,
    toExitError: (reason) => {
      const message = `the training process ended (${reason})${trainer.stderrTail.errorLine}`;
      return new PanelvecError('worker_lost', message);
    },
  });
  const onEvent = (event: TrainerEvent) => {
    if (event.type === 'started') trainer.stderrTail.markStarted();
    callHook(hooks, event);
  };
  const killAfterGrace = () => void setTimeout(() => trainer.kill(), STOP_GRACE_MS).unref();
  signal.addEventListener('abort', killAfterGrace, { once: true });
  try {
    return await trainer.rpc.request('train', plan, { signal, onAbort: 'wait', onEvent });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', killAfterGrace);
    trainer.kill();
    // Until it has ended, it could still write.
    await trainer.exited;
  }
}

function callHook(hooks: TrainingHooks, event: TrainerEvent): void {
  if (event.type === 'started') hooks.onStart();
  else if (event.type === 'progress') hooks.onProgress(event.done, event.total, event.detail);
  else if (event.type === 'record') hooks.onRecord(event.record);
  else hooks.onWarning(event.message);
}
