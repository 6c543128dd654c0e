import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isProcessRunning } from '../util/is-process-running.ts';
import { removeIfFree } from './files-in-use.ts';

/** The machine and the process that fill a folder, at the end of its name. */
const OWNER = /@(.*)-(\d+)\.\w+$/;
/** The folders of this process. Its id alone does not tell: in a container every process may have the same. */
const ownFolders = new Set<string>();
/** The processes of another machine cannot be looked at; only the age of their folders can. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

/**
 * A temporary folder that is removed when it is disposed of. If the process is killed before, `removeAbandonedFolders` of
 * another process removes it.
 */
export interface OwnedFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a folder in `parent` whose name begins with `prefix`. */
export async function makeOwnedFolder(parent: string, prefix: string): Promise<OwnedFolder> {
  const folder = await mkdtemp(path.join(parent, `${prefix}@${hostname()}-${process.pid}.`));
  ownFolders.add(folder);
  return {
    path: folder,
    async [Symbol.asyncDispose]() {
      await removeIfFree(folder);
      ownFolders.delete(folder);
    },
  };
}

/** Removes the folders that `makeOwnedFolder` made with this prefix in processes that were killed. */
export async function removeAbandonedFolders(parent: string, prefix: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(prefix)) continue;
    const folder = path.join(parent, entry);
    if (!ownFolders.has(folder) && (await isAbandoned(folder))) await removeIfFree(folder);
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const [, host, pidText] = OWNER.exec(path.basename(folder)) ?? [];
  if (pidText === undefined) return false;
  const pid = Number(pidText);
  if (host === hostname()) return pid === process.pid || !isProcessRunning(pid);
  return Date.now() - (await stat(folder)).mtimeMs > ABANDONED_AFTER_MS;
}
