import { Worker } from 'node:worker_threads';
import { parentEndpoint } from './endpoint.ts';
import { ignoreStopSignals } from './stop-signals.ts';

/**
 * Runs the main thread of a compute process: it passes messages between the parent process and a worker thread. A
 * computation may block that thread for as long as it takes; the main thread receives meanwhile, and notices at
 * once when the parent has ended.
 */
export function bridgeToWorkerThread(title: string, threadFile: string): void {
  process.title = title;
  ignoreStopSignals();
  // Not process.exit: ending a thread in the middle of a run would abort with a core dump.
  const parent = parentEndpoint();
  void parent.closed.then(() => process.kill(process.pid, 'SIGKILL'));

  const thread = new Worker(threadFile);
  thread.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  thread.on('message', (message: object) => parent.send(message));
  parent.onMessage((message) => thread.postMessage(message));
}
