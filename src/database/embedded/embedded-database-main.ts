/**
 * The process of the embedded database: PostgreSQL compiled to WebAssembly, and a socket for the service and its workers.
 * It is a process of its own because a query blocks the thread that it runs on.
 */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { firstLine } from '../../errors.ts';
import { parentEndpoint } from '../../process/endpoint.ts';
import { serveRpc } from '../../process/rpc.ts';
import { makeSocketFolder, socketFile } from '../database-address.ts';
import type { DatabaseMethods } from './embedded-database.ts';
import { lockHome } from './lock-home.ts';
import { serializeClients } from './serialize-clients.ts';

const MAX_CONNECTIONS = 100;
/** A client that stopped inside a transaction would block all others. Clients that are alive close idle connections sooner. */
const IDLE_CLIENT_TIMEOUT_MS = 30_000;
/** The default of 128 MB is memory in use from the start, for a database of a few (0016-embedded-database.md). */
const START_PARAMS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];

process.title = 'panelvec-database';
// A terminal sends its signals to the whole process group; the service decides when its database ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

const [, , home] = process.argv;
if (home === undefined) throw new Error('the first argument must be the home of the database');

/** @returns what stops it */
async function start(home: string): Promise<() => Promise<void>> {
  await makeSocketFolder(home);
  const lock = await lockHome(home);
  const folder = path.join(home, 'database');
  await mkdir(folder, { recursive: true });
  const db = await PGlite.create(folder, { startParams: START_PARAMS });
  // The service starts another process. What was committed is on the disk.
  const serializedDb = serializeClients(db, (error) => {
    console.error(`panelvec-database: ${firstLine(error)}`);
    process.exit(1);
  });
  const server = new PGLiteSocketServer({
    db: serializedDb,
    path: socketFile(home),
    maxConnections: MAX_CONNECTIONS,
    idleTimeout: IDLE_CLIENT_TIMEOUT_MS,
  });
  await server.start();
  return async () => {
    await server.stop();
    await db.close();
    lock.close();
  };
}

const disconnected = once(process, 'disconnect');
const started = start(home);
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
