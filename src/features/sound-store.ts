import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { oneLine, PanelvecError } from '../errors.ts';
import { type FeatureStore, openStore } from './feature-store.ts';

const STORE = 'lmdb';
const ASIDE = 'aside-';
/** Other processes that start at the same moment may set the same damaged store aside. */
const ATTEMPTS = 5;

/** The folder of the environment in that of the cache. It is moved away whole, its locks with it. */
export function storeFolder(folder: string): string {
  return path.join(folder, STORE);
}

/**
 * Opens the store of a cache. One that cannot be opened, or is far larger than it may be, is set aside and removed with a
 * warning; processes that use it go on with what they have until they end.
 * @throws PanelvecError config_invalid where the folder cannot be used
 */
export async function openSoundStore(
  folder: string,
  maxBytes: number,
  warn: (message: string) => void,
): Promise<FeatureStore> {
  const place = storeFolder(folder);
  try {
    for (let attempt = 1; ; attempt++) {
      await mkdir(place, { recursive: true });
      await assertWritable(place);
      await removeAside(folder);
      const tried = await identityOf(place);
      const problem = await problemOf(place, maxBytes);
      if (problem === undefined) return openStore(place, maxBytes);
      if (attempt === ATTEMPTS) throw new Error(problem);
      if ((await identityOf(place)) !== tried) continue;
      warn(`the cache of features in ${folder} starts anew: ${problem}`);
      await setAside(folder);
    }
  } catch (error) {
    const message = `the folder ${folder} cannot hold the cache of features: ${oneLine(error)}`;
    throw new PanelvecError('config_invalid', message, { cause: error });
  }
}

/** LMDB must not be the one that finds out: lmdb-js reads freed memory after a failure to open. */
async function assertWritable(place: string): Promise<void> {
  await access(place, constants.R_OK | constants.W_OK | constants.X_OK);
  for (const name of await readdir(place)) await access(path.join(place, name), constants.R_OK | constants.W_OK);
}

/** What is wrong with the store, by a trial. */
async function problemOf(place: string, maxBytes: number): Promise<string | undefined> {
  const trial = spawn(process.execPath, [path.join(import.meta.dirname, 'trial.ts'), place, `${maxBytes}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, [code, signal]] = await Promise.all([text(trial.stderr), once(trial, 'close')]);
  if (code === 0) return undefined;
  return (code === 1 && said) || `opening it ends with ${signal ?? code}`;
}

/** Tells one data file from the next; an inode's number alone is used again at once. */
async function identityOf(place: string): Promise<string | undefined> {
  const found = await stat(path.join(place, 'data.mdb'), { bigint: true }).catch(() => undefined);
  return found && `${found.ino} ${found.birthtimeNs}`;
}

async function setAside(folder: string): Promise<void> {
  try {
    await rename(storeFolder(folder), path.join(folder, `${ASIDE}${randomUUID()}`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await removeAside(folder);
}

/** Also what a process left that was killed before it had removed it. */
async function removeAside(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(ASIDE)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}
