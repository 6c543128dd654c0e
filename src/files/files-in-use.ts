import { rename, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_DELAY_MS = 50;
/** A virus scanner looks at each new file, and takes longer where there are many. */
const MAX_RETRIES = 100;
/** Windows gives these for what a process has open, and all systems where rights are missing. */
const IN_USE_CODES: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EBUSY']);

/** Renames a file or folder, also over an existing file. On Windows it waits while a process has one of them open. */
export async function renameWhenFree(from: string, to: string): Promise<void> {
  for (let retries = 0; ; retries++) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (process.platform !== 'win32' || !isInUse(error) || retries === MAX_RETRIES) throw error;
      await delay(RETRY_DELAY_MS);
    }
  }
}

/** Removes what is of no use any more. It stays where it belongs to another user or, on Windows, a process has it open. */
export async function removeIfFree(target: string): Promise<void> {
  try {
    await rm(target, { recursive: true, force: true });
  } catch (error) {
    if (!isInUse(error)) throw error;
  }
}

function isInUse(error: unknown): boolean {
  return IN_USE_CODES.has((error as NodeJS.ErrnoException).code ?? '');
}
