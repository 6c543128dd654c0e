/**
 * The process of embedded databases. Each is a thread of its own, because a query blocks the thread that it runs on; together they take
 * a third less memory than two processes. What ends one ends all: the service starts the process again.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { codeFile } from '../../process/code-file.ts';
import { parentEndpoint, workerEndpoint } from '../../process/endpoint.ts';
import { RpcClient, serveRpc } from '../../process/rpc.ts';
import { ignoreStopSignals } from '../../process/stop-signals.ts';
import type { DatabaseProcessMethods, HostedDatabase } from './database-process.ts';
import type { DatabaseThreadMethods } from './database-thread.ts';

const THREAD = codeFile(import.meta, 'database-thread');

process.title = 'panelvec-database';
ignoreStopSignals();

interface DatabaseThread {
  readonly worker: Worker;
  readonly rpc: RpcClient<DatabaseThreadMethods>;
}

const threads = new Map<string, DatabaseThread>();

async function open(database: HostedDatabase): Promise<void> {
  const worker = new Worker(THREAD, { workerData: database });
  const endpoint = workerEndpoint(worker);
  const rpc = new RpcClient<DatabaseThreadMethods>(endpoint, (reason) => new Error(`its thread ended (${reason})`));
  try {
    await rpc.request('waitUntilReady', undefined);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  threads.set(database.home, { worker, rpc });
  void endpoint.closed.then(() => threads.has(database.home) && process.exit(1));
}

async function close(home: string): Promise<void> {
  const thread = threads.get(home);
  threads.delete(home);
  await thread?.rpc.request('stop', undefined);
  await thread?.worker.terminate();
}

const disconnected = once(process, 'disconnect');
serveRpc<DatabaseProcessMethods>(parentEndpoint(), { open, close });
await disconnected;
const stopped = await Promise.allSettled([...threads.keys()].map(close));
process.exit(stopped.every(({ status }) => status === 'fulfilled') ? 0 : 1);
