/**
 * The process of the embedded database: PostgreSQL compiled to WebAssembly, and a socket for the api and its workers. On
 * its own, because a query holds the thread that it runs on.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { firstLine } from '../../errors.ts';
import { makeSocketFolder, socketFile } from '../database-address.ts';
import type { DatabaseMessage } from './embedded-database.ts';
import { lockHome } from './lock-home.ts';
import { serializeClients } from './serialize-clients.ts';

const MAX_CONNECTIONS = 100;
/** A client that stopped within a transaction would hold all others; whoever is alive closes idle connections sooner. */
const IDLE_CLIENT_TIMEOUT_MS = 30_000;

process.title = 'panelvec-database';
// A terminal sends its signals to the whole group; the api decides when its database ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

const home = process.argv[2]!;

function send(message: DatabaseMessage): void {
  if (process.connected) process.send!(message);
}

async function start(): Promise<() => Promise<void>> {
  await makeSocketFolder(home);
  const lock = await lockHome(home);
  const folder = path.join(home, 'database');
  await mkdir(folder, { recursive: true });
  const db = await PGlite.create(folder);
  // Replaced by whoever started it: committed work is on the disk.
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

const disconnected = new Promise<void>((resolve) => process.once('disconnect', resolve));
try {
  const stop = await start();
  send({ type: 'ready' });
  await disconnected;
  await stop();
  process.exit(0);
} catch (error) {
  send({ type: 'refused', message: firstLine(error) });
  process.exit(1);
}
