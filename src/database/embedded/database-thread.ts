/** The thread of an embedded database: PostgreSQL compiled to WebAssembly, and a socket for the service and its workers. */
import { mkdir } from 'node:fs/promises';
import { workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { firstLine } from '../../errors.ts';
import { parentPortEndpoint } from '../../process/endpoint.ts';
import { serveRpc } from '../../process/rpc.ts';
import type { HostedDatabase } from './database-process.ts';
import { serveDatabase } from './database-server.ts';
import { databaseFolder } from './embedded-database.ts';
import { EMBEDDED_KINDS } from './embedded-kinds.ts';
import { lockHome } from './lock-home.ts';
import { serializeClients } from './serialize-clients.ts';
import { chooseSharedBuffers } from './shared-buffers.ts';

/** What the thread can be asked by its process. */
export type DatabaseThreadMethods = {
  /** Resolves when clients can connect. */
  waitUntilReady(): void;
  stop(): void;
};

/** @returns what stops it */
async function start({ home, localSockets, kind }: HostedDatabase): Promise<() => Promise<void>> {
  const { sharedBuffers, hasVectors } = EMBEDDED_KINDS[kind];
  const lock = await lockHome(home);
  const folder = databaseFolder(home);
  await mkdir(folder, { recursive: true });
  const megabytes = await chooseSharedBuffers(folder, sharedBuffers);
  const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${megabytes}MB`];
  const db = await PGlite.create(folder, { startParams, extensions: hasVectors ? { vector } : {} });
  // The process ends with this thread, and the service starts another. What was committed is on the disk.
  const serializedDb = serializeClients(db, (error) => {
    console.error(`the database of ${kind}: ${firstLine(error)}`);
    process.exit(1);
  });
  const stopServing = await serveDatabase(serializedDb, home, localSockets);
  return async () => {
    await stopServing();
    await db.close();
    lock.release();
  };
}

const started = start(workerData as HostedDatabase);
// Whoever waits for it gets the error.
started.catch(() => {});
serveRpc<DatabaseThreadMethods>(parentPortEndpoint(), {
  waitUntilReady: async () => {
    await started;
  },
  stop: async () => {
    await (await started)();
  },
});
