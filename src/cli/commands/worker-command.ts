import { constants, setPriority } from 'node:os';
import { pino } from 'pino';
import type { Config } from '../../config.ts';
import { Database } from '../../database/database.ts';
import { TaskQueue } from '../../jobs/queue/task-queue.ts';
import { TaskRecords } from '../../jobs/queue/task-records.ts';
import { JobWorker } from '../../jobs/worker/job-worker.ts';
import { RemoteEngines } from '../../jobs/worker/shared-engines.ts';
import { openResources } from '../../jobs/worker/worker-resources.ts';
import { waitForStopMessage } from '../../process/child-process.ts';
import { startTracing } from '../../tracing/start-tracing.ts';
import { traceFields } from '../../tracing/tracing.ts';
import { waitForStopSignal } from '../stop-signal.ts';

const DATABASE_TIMEOUT_MS = 30_000;

/**
 * Processes jobs until a signal or the service that started it asks it to stop, or until it has none; then returns its tasks to the
 * queue.
 */
export async function workerCommand(config: Config): Promise<void> {
  process.title = 'panelvec-worker';
  // Requests have priority over jobs, also where both need the same cores.
  setPriority(constants.priority.PRIORITY_LOW);
  const log = pino({ name: 'panelvec-worker', level: config.logLevel, mixin: traceFields });
  const stop = Promise.race([waitForStopSignal(), waitForStopMessage()]);
  // A worker that the service started ends with it: its engines and its database are gone.
  const exitOnDisconnect = () => process.exit(1);
  process.once('disconnect', exitOnDisconnect);
  const usesSharedEngines = process.connected && config.workerEngines === 'shared';
  const remoteEngines = usesSharedEngines ? new RemoteEngines() : undefined;
  const database = new Database({ url: config.databaseUrl, home: config.home, localSockets: config.localSockets }, log);
  const queue = new TaskQueue(database);
  // Closes in reverse order, also if the start fails: anything open would keep the process alive.
  await using disposables = new AsyncDisposableStack();
  const stopTracing = await startTracing(config, 'panelvec-worker', log);
  disposables.defer(async () => {
    // What still tries to send traces would keep the process for seconds.
    if (!(await stopTracing())) setImmediate(() => process.exit());
  });
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
  log.info({ engines: remoteEngines ? 'shared' : 'own' }, 'worker is ready for jobs');

  // The service starts it again for the next task. One that somebody else has started stays.
  const idleMs = process.connected ? config.workerIdleSeconds * 1000 : 0;
  const reason = await Promise.race([stop, ...(idleMs > 0 ? [worker.waitUntilIdle(idleMs).then(() => 'idle')] : [])]);
  log.info(reason === 'idle' ? 'stopping: there is no task' : 'stopping: unfinished tasks return to the queue');
  await worker.stop().catch((err: unknown) => log.error({ err }, 'the worker did not stop cleanly'));
}
