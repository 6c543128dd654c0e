/**
 * The process of the embedded database: PostgreSQL compiled to WebAssembly, and a socket for the service and its workers.
 * It is a process of its own because a query blocks the thread that it runs on.
 */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { firstLine } from '../../errors.ts';
import { parentEndpoint } from '../../process/endpoint.ts';
import { serveRpc } from '../../process/rpc.ts';
import { ignoreStopSignals } from '../../process/stop-signals.ts';
import type { LocalSockets } from '../database-address.ts';
import { serveDatabase } from './database-server.ts';
import { type DatabaseMethods, databaseFolder } from './embedded-database.ts';
import { EMBEDDED_KINDS, type EmbeddedKind } from './embedded-kinds.ts';
import { lockHome } from './lock-home.ts';
import { serializeClients } from './serialize-clients.ts';
import { chooseSharedBuffers } from './shared-buffers.ts';

const [, , home, localSockets, kind] = process.argv;
if (home === undefined || localSockets === undefined || kind === undefined)
  throw new Error('the arguments must be a home, a kind of sockets and a kind of database');
const { processTitle, sharedBuffers, hasVectors } = EMBEDDED_KINDS[kind as EmbeddedKind];

process.title = processTitle;
ignoreStopSignals();

/** @returns what stops it */
async function start(home: string, localSockets: LocalSockets): Promise<() => Promise<void>> {
  const lock = await lockHome(home);
  const folder = databaseFolder(home);
  await mkdir(folder, { recursive: true });
  const megabytes = await chooseSharedBuffers(folder, sharedBuffers);
  const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${megabytes}MB`];
  const db = await PGlite.create(folder, { startParams, extensions: hasVectors ? { vector } : {} });
  // The service starts another process. What was committed is on the disk.
  const serializedDb = serializeClients(db, (error) => {
    console.error(`${processTitle}: ${firstLine(error)}`);
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
