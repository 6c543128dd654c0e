import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isProcessRunning } from '../process/is-process-running.ts';
import { HubError } from './hub-error.ts';

const LOCK_FILE = '.lock';

/**
 * Keeps a folder for this process until it is disposed: a second one that began a file anew would spoil what the first has.
 * The lock of a process that is gone does not count.
 * @throws HubError where another process is at it
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, LOCK_FILE);
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid > 0 && pid !== process.pid && isProcessRunning(pid)) {
      throw new HubError(`process ${pid} is already pulling into ${folder}`);
    }
    await rm(file, { force: true });
  }
}
