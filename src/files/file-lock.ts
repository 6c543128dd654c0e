import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

export interface FileLock {
  release(): void;
}

/**
 * Locks a file for this process, if no other process has it locked. The file is created on demand and stays.
 *
 * The lock is that of an SQLite transaction, so it is one of the kernel on every platform: it ends with its process, however
 * that ends, while a process id in a file may by then belong to another process. Containers that share the folder see it.
 * Keep a reference to the lock: without one it may be released at any time.
 * @throws Error where the file cannot be written or the file system has no locks
 */
export function tryLockFile(file: string): FileLock | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (isBusyError(error)) return undefined;
    throw error;
  }
}

/** Whether another process has an SQLite file locked. */
export function isBusyError(error: unknown): boolean {
  const { errcode } = error as { readonly errcode?: number };
  // The higher bits say more of the same error.
  return errcode !== undefined && errcode % 256 === SQLITE_BUSY;
}
