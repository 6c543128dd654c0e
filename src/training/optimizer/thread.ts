import { workerData } from 'node:worker_threads';
import { bindKernels } from './kernels.ts';
import { CONTROL, doShare, ORDERS, type Shared } from './work.ts';

/** What a helping thread is given. */
export interface ThreadData {
  readonly module: WebAssembly.Module;
  readonly shared: Shared;
  readonly thread: number;
  readonly threads: number;
}

/** It waits for an order, does its share, says so. */
const { module, shared, thread, threads } = workerData as ThreadData;
const { control, order, memory } = shared;
const kernels = bindKernels(module, memory);

for (let done = 0; ; ) {
  Atomics.wait(control, CONTROL.given, done);
  done = Atomics.load(control, CONTROL.given);
  if (order[0] === ORDERS.stop) break;
  doShare(kernels, shared, thread, threads);
  Atomics.add(control, CONTROL.finished, 1);
  Atomics.notify(control, CONTROL.finished);
}
