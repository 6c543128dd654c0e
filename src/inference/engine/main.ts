/**
 * The engine process. Its main thread only passes messages on, so that the next batch's megabytes of pixels have been
 * received when the one that runs in the worker ends. A process of its own, because it can be killed without harm.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromEngine, ToEngine } from '../contract.ts';

process.title = 'panelvec-engine';
// A terminal sends its signals to the whole group; the api decides when its engines end.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
// Not process.exit: ending a thread in the middle of a run would abort with a core dump.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const worker = new Worker(path.join(import.meta.dirname, 'worker.ts'));
worker.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
worker.on('message', (message: FromEngine) => {
  if (process.connected) process.send!(message);
});
process.on('message', (message: ToEngine) => worker.postMessage(message));
