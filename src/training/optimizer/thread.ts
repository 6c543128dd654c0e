import { workerData } from 'node:worker_threads';
import { CONTROL, doShare, ORDERS, type Shared } from './work.ts';

/** A helping thread: waits for an order, does its share, says so. */
const { shared, thread, threads } = workerData as { shared: Shared; thread: number; threads: number };
const { control, order } = shared;

for (let done = 0; ; ) {
  Atomics.wait(control, CONTROL.given, done);
  done = Atomics.load(control, CONTROL.given);
  if (order[0] === ORDERS.stop) break;
  doShare(shared, thread, threads);
  Atomics.add(control, CONTROL.finished, 1);
  Atomics.notify(control, CONTROL.finished);
}
