import { rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PanelvecError } from '../../errors.ts';
import { socketFile } from '../database-address.ts';

/** The service that held the lock before may still be writing its last pages. */
const LOCK_TIMEOUT_MS = 10_000;
const RETRY_DELAY_MS = 50;

/** Linux has abstract sockets, which are no files: they end with their process, so none is ever stale. */
const HAS_ABSTRACT_SOCKETS = process.platform === 'linux';
/** After this time, another process that also found the socket file stale has removed it. */
const RACE_MS = 200;

/**
 * Locks the database of a home for this process: two processes would destroy it. The lock is a listening socket, because the
 * kernel removes it however its process ends, while a process id in a file may by then belong to another process. The lock
 * of a download (huggingface/folder-lock.ts) is such a file all the same: it can name the process that holds it, and where
 * it errs, the checksum of the download fails and nothing is lost.
 * @returns the lock; closing it unlocks
 * @throws PanelvecError config_invalid where another process holds the lock for too long
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
      const message = `another service has the database of ${home}: set DATABASE_URL or another PANELVEC_HOME for this one`;
      throw new PanelvecError('config_invalid', message);
    } else await delay(RETRY_DELAY_MS);
  }
}

/**
 * Whether the socket file of this process stays. Two processes that find a stale file may both remove it, and the second may
 * remove the new file of the first; the first must then try again.
 */
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
