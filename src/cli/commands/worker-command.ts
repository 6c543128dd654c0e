import { constants, setPriority } from 'node:os';
import { pino } from 'pino';
import type { Config } from '../../config.ts';
import { Database } from '../../database/database.ts';
import { firstLine } from '../../errors.ts';
import { TaskQueue } from '../../jobs/queue/task-queue.ts';
import { TaskRecords } from '../../jobs/queue/task-records.ts';
import { JobWorker } from '../../jobs/worker/job-worker.ts';
import { RemoteEngines } from '../../jobs/worker/shared-engines.ts';
import { openResources } from '../../jobs/worker/worker-resources.ts';
import { waitForStopSignal } from '../stop-signal.ts';

const DATABASE_TIMEOUT_MS = 30_000;

/** Works on jobs until SIGTERM or SIGINT, then gives back what it has in hand. */
export async function workerCommand(config: Config): Promise<void> {
  process.title = 'panelvec-worker';
  // Calls that somebody waits for come first, also where decoding and inference share the cores.
  setPriority(constants.priority.PRIORITY_LOW);
  const log = pino({ name: 'panelvec-worker', level: config.logLevel });
  const stop = waitForStopSignal();
  // A worker that the service started ends with it, however that ends: its engines and its database are gone.
  const exitOnDisconnect = () => process.exit(1);
  process.once('disconnect', exitOnDisconnect);
  const usesSharedEngines = process.connected && config.workerEngines === 'shared';
  const remoteEngines = usesSharedEngines ? await RemoteEngines.connect() : undefined;
  const database = new Database({ url: config.databaseUrl, home: config.home }, log);
  const queue = new TaskQueue(database);
  // In this order, also where the start breaks off: what is left open would keep a process alive that does nothing.
  await using disposables = new AsyncDisposableStack();
  disposables.defer(() => {
    process.off('disconnect', exitOnDisconnect);
    if (process.connected) process.disconnect();
  });
  disposables.defer(() => database.close());
  await database.migrate(DATABASE_TIMEOUT_MS);
  const resources = await openResources(config, remoteEngines, log);
  disposables.defer(() => resources.close());
  const worker = new JobWorker(queue, new TaskRecords(database, queue), resources, log);
  worker.start();
  log.info({ engines: remoteEngines ? 'shared' : 'own' }, 'worker waits for jobs');

  const signal = await stop;
  log.info({ signal }, 'stopping: what is in hand is given back');
  await worker.stop().catch((error: unknown) => log.error({ problem: firstLine(error) }, 'did not stop cleanly'));
}
