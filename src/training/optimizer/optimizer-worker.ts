/** A thread of an optimiser: waits for a command, runs its share, reports that it has finished. */
import { workerData } from 'node:worker_threads';
import { instantiateKernels } from './kernels.ts';
import { COMMANDS, CONTROL, runThreadShare, type SharedState } from './optimizer-commands.ts';

/** The `workerData` of such a thread. */
export interface OptimizerThreadData {
  readonly module: WebAssembly.Module;
  readonly shared: SharedState;
  readonly thread: number;
  readonly threads: number;
}

const { module, shared, thread, threads } = workerData as OptimizerThreadData;
const { control, command, memory } = shared;
const kernels = instantiateKernels(module, memory);

for (let lastCommand = 0; ; ) {
  Atomics.wait(control, CONTROL.issued, lastCommand);
  lastCommand = Atomics.load(control, CONTROL.issued);
  if (command[0] === COMMANDS.stop) break;
  runThreadShare(kernels, shared, thread, threads);
  Atomics.add(control, CONTROL.finished, 1);
  Atomics.notify(control, CONTROL.finished);
}
