import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isProcessRunning } from '../util/is-process-running.ts';
import { HubError } from './hub-error.ts';

const LOCK_FILE = '.lock';

/**
 * Locks a download folder for this process until the lock is disposed: a second process that restarted a partial file would
 * destroy what the first has. A lock of a process that has ended does not count.
 * @throws HubError while another process holds the lock
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
