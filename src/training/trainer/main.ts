/**
 * The process that trains. Its main thread only passes messages on: it notices at once when whoever started it is gone, and
 * ends before it could write over what a successor does. A step holds the other thread for as long as it takes.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromTrainer, ToTrainer } from './contract.ts';

process.title = 'panelvec-trainer';
// A terminal sends its signals to the whole group; the worker decides when its training ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
// Not process.exit: ending a thread in the middle of a run would abort with a core dump.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const thread = new Worker(path.join(import.meta.dirname, 'thread.ts'));
thread.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
thread.on('message', (message: FromTrainer) => {
  if (process.connected) process.send!(message);
});
process.on('message', (message: ToTrainer) => thread.postMessage(message));
