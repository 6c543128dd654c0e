import { rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PanelvecError } from '../../errors.ts';
import { socketFile } from '../database-address.ts';

/** The one before may be writing its last pages. */
const LOCK_TIMEOUT_MS = 10_000;
const RETRY_DELAY_MS = 50;

/** Linux has sockets that are no files: they end with their owner, and none is ever stale. */
const HAS_ABSTRACT_SOCKETS = process.platform === 'linux';
/** In this time, whoever thought the socket stale has removed it. */
const RACE_MS = 200;

/**
 * Keeps a home's database for this process: two would destroy it. A socket is the claim, because the kernel takes it back
 * however its owner ends, and no number of a process can be mistaken for another's.
 * @throws PanelvecError config_invalid where another process keeps it
 */
export async function lockHome(home: string): Promise<Server> {
  const lockFile = `${socketFile(home)}.claim`;
  const lockAddress = HAS_ABSTRACT_SOCKETS ? `\0${lockFile}` : lockFile;
  const deadline = performance.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    const server = await tryListen(lockAddress);
    if (server !== undefined) {
      if (!HAS_ABSTRACT_SOCKETS && !(await isFileUnchanged(lockFile))) {
        server.close();
        continue;
      }
      await rm(socketFile(home), { force: true });
      return server;
    }
    if (!HAS_ABSTRACT_SOCKETS && !(await acceptsConnections(lockAddress))) await rm(lockAddress, { force: true });
    else if (performance.now() > deadline) {
      const message = `PANELVEC_HOME: another service has the database of ${home}: give this one DATABASE_URL or another home`;
      throw new PanelvecError('config_invalid', message);
    } else await delay(RETRY_DELAY_MS);
  }
}

/** Two that find a stale socket may both remove it, the second one that of the first: who has lost its file gives way. */
async function isFileUnchanged(file: string): Promise<boolean> {
  const before = await stat(file).catch(() => undefined);
  await delay(RACE_MS);
  const after = await stat(file).catch(() => undefined);
  return before !== undefined && before.ino === after?.ino;
}

function tryListen(lockAddress: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(lockAddress, () => resolve(server));
  });
}

function acceptsConnections(lockAddress: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(lockAddress);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
