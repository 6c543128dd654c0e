/**
 * The process of the embedded database: PostgreSQL compiled to WebAssembly, and a socket for the service and its workers.
 * It is a process of its own because a query blocks the thread that it runs on.
 */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { firstLine } from '../../errors.ts';
import { parentEndpoint } from '../../process/endpoint.ts';
import { serveRpc } from '../../process/rpc.ts';
import { ignoreStopSignals } from '../../process/stop-signals.ts';
import type { LocalSockets } from '../database-address.ts';
import { serveDatabase } from './database-server.ts';
import type { DatabaseMethods } from './embedded-database.ts';
import { lockHome } from './lock-home.ts';
import { serializeClients } from './serialize-clients.ts';

/** The default of 128 MB is memory in use from the start, for a database of a few (0016-embedded-database.md). */
const START_PARAMS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];

process.title = 'panelvec-database';
ignoreStopSignals();

const [, , home, localSockets] = process.argv;
if (home === undefined || localSockets === undefined)
  throw new Error('the arguments must be a home and kind of sockets');

/** @returns what stops it */
async function start(home: string, localSockets: LocalSockets): Promise<() => Promise<void>> {
  const lock = await lockHome(home);
  const folder = path.join(home, 'database');
  await mkdir(folder, { recursive: true });
  const db = await PGlite.create(folder, { startParams: START_PARAMS });
  // The service starts another process. What was committed is on the disk.
  const serializedDb = serializeClients(db, (error) => {
    console.error(`panelvec-database: ${firstLine(error)}`);
    process.exit(1);
  });
  const stopServing = await serveDatabase(serializedDb, home, localSockets);
  return async () => {
    await stopServing();
    await db.close();
    lock.release();
  };
}

const disconnected = once(process, 'disconnect');
const started = start(home, localSockets as LocalSockets);
serveRpc<DatabaseMethods>(parentEndpoint(), {
  waitUntilReady: async () => {
    await started;
  },
});
try {
  const stop = await started;
  await disconnected;
  await stop();
  process.exit(0);
} catch {
  // The service has the error as its response, and kills this process.
  await disconnected;
  process.exit(1);
}
