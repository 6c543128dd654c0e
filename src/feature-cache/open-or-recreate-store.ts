import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { firstLine, PanelvecError } from '../errors.ts';
import { type FeatureStore, openFeatureStore } from './feature-store.ts';

const STORE_FOLDER = 'lmdb';
const ASIDE_PREFIX = 'aside-';
/** More than one, because processes that start at the same moment may move the same damaged store aside. */
const MAX_ATTEMPTS = 5;

/** Folder of the LMDB environment within the folder of the cache. A damaged one is moved aside with its locks. */
export function lmdbFolder(folder: string): string {
  return path.join(folder, STORE_FOLDER);
}

/**
 * Opens the store of a cache. A store that cannot be opened, or is far larger than it may be, is moved aside and deleted,
 * with a warning; processes that have it open can use it until they end.
 * @throws PanelvecError config_invalid where the folder cannot be used
 */
export async function openOrRecreateStore(
  folder: string,
  maxBytes: number,
  warn: (message: string) => void,
): Promise<FeatureStore> {
  const storePath = lmdbFolder(folder);
  try {
    for (let attempt = 1; ; attempt++) {
      await mkdir(storePath, { recursive: true });
      await assertWritable(storePath);
      await removeMovedAside(folder);
      const checkedIdentity = await dataFileIdentity(storePath);
      const problem = await findProblem(storePath, maxBytes);
      if (problem === undefined) return openFeatureStore(storePath, maxBytes);
      if (attempt === MAX_ATTEMPTS) throw new Error(problem);
      if ((await dataFileIdentity(storePath)) !== checkedIdentity) continue;
      warn(`the cache of features in ${folder} starts anew: ${problem}`);
      await moveAside(folder);
    }
  } catch (error) {
    const message = `the folder ${folder} cannot hold the cache of features: ${firstLine(error)}`;
    throw new PanelvecError('config_invalid', message, { cause: error });
  }
}

/** Checks permissions before LMDB does: lmdb-js reads freed memory after it has failed to open a file. */
async function assertWritable(storePath: string): Promise<void> {
  await access(storePath, constants.R_OK | constants.W_OK | constants.X_OK);
  for (const name of await readdir(storePath))
    await access(path.join(storePath, name), constants.R_OK | constants.W_OK);
}

/** Runs the integrity check. @returns the problem, or undefined */
async function findProblem(storePath: string, maxBytes: number): Promise<string | undefined> {
  const check = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'integrity-check.ts'), storePath, `${maxBytes}`],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const [problem, [code, signal]] = await Promise.all([text(check.stderr), once(check, 'close')]);
  if (code === 0) return undefined;
  return (code === 1 && problem) || `its integrity check ended with ${signal ?? code}`;
}

/** Identifies a data file. The number of an inode alone may be used again at once. */
async function dataFileIdentity(storePath: string): Promise<string | undefined> {
  const stats = await stat(path.join(storePath, 'data.mdb'), { bigint: true }).catch(() => undefined);
  return stats && `${stats.ino} ${stats.birthtimeNs}`;
}

async function moveAside(folder: string): Promise<void> {
  try {
    await rename(lmdbFolder(folder), path.join(folder, `${ASIDE_PREFIX}${randomUUID()}`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await removeMovedAside(folder);
}

/** Also removes stores of processes that were killed before they could. */
async function removeMovedAside(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(ASIDE_PREFIX)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}
