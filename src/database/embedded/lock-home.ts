import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { firstLine, PanelvecError } from '../../errors.ts';
import { type FileLock, tryLockFile } from '../../files/file-lock.ts';
import { socketFile } from '../runtime-folder.ts';

/** The service that held the lock before may still be writing its last pages. */
const LOCK_TIMEOUT_MS = 10_000;
const RETRY_DELAY_MS = 50;
const LOCK_FILE = 'database-lock.sqlite';

/**
 * Locks the database of a home for this process: two processes would destroy it. The lock of a download
 * (huggingface/folder-lock.ts) is the id of a process in a file: it can name the process that holds it, and where it errs,
 * the checksum of the download fails and nothing is lost.
 * @throws PanelvecError config_invalid where another process holds the lock for too long
 */
export async function lockHome(home: string): Promise<FileLock> {
  await mkdir(home, { recursive: true });
  const deadline = performance.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    const lock = tryLock(path.join(home, LOCK_FILE));
    // Earlier versions do not know the file. It may also have been deleted while a service ran.
    if (lock !== undefined && !(await acceptsConnections(socketFile(home)))) return lock;
    lock?.release();
    if (performance.now() > deadline) {
      const message = `another service has the database of ${home}: set DATABASE_URL or another PANELVEC_HOME for this one`;
      throw new PanelvecError('config_invalid', message);
    }
    await delay(RETRY_DELAY_MS);
  }
}

function tryLock(file: string): FileLock | undefined {
  try {
    return tryLockFile(file);
  } catch (cause) {
    throw new PanelvecError('config_invalid', `cannot lock ${file}: ${firstLine(cause)}`, { cause });
  }
}

function acceptsConnections(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
