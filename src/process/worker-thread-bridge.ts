import { Worker } from 'node:worker_threads';

/**
 * What the main thread of a computing process does: it only passes messages on, between whoever started the process and the
 * thread that computes, which a run may hold for as long as it takes. It goes on receiving meanwhile, and notices at once when
 * whoever started it is gone.
 */
export function bridgeToWorkerThread(title: string, threadFile: string): void {
  process.title = title;
  // A terminal sends its signals to the whole group; whoever started the process decides when it ends.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  // Not process.exit: ending a thread in the middle of a run would abort with a core dump.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

  const thread = new Worker(threadFile);
  thread.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  thread.on('message', (message: object) => {
    if (process.connected) process.send!(message);
  });
  process.on('message', (message: object) => thread.postMessage(message));
}
