import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { oneLine, PanelvecError } from '../errors.ts';
import { type FeatureStore, openStore, UnsoundStore } from './feature-store.ts';

const STORE = 'lmdb';
const ASIDE = 'aside-';
/** MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_VERSION_MISMATCH, MDB_INVALID, MDB_INCOMPATIBLE of lmdb.h. */
const DAMAGE = [-30797, -30796, -30794, -30793, -30784];
/** Other processes that start at the same moment may set the same damaged store aside. */
const ATTEMPTS = 5;

/** The folder of the environment in that of the cache. It is moved away whole, its locks with it. */
export function storeFolder(folder: string): string {
  return path.join(folder, STORE);
}

/**
 * Opens the store of a cache. One that is damaged, or far larger than it may be, is set aside and removed with a warning;
 * processes that use it go on with what they have until they end.
 * @throws PanelvecError config_invalid where the folder cannot be used
 */
export function openSoundStore(folder: string, maxBytes: number, warn: (message: string) => void): FeatureStore {
  const place = storeFolder(folder);
  try {
    for (let attempt = 1; ; attempt++) {
      mkdirSync(place, { recursive: true });
      removeAside(folder);
      const identity = identityOf(place);
      try {
        return openStore(place, maxBytes);
      } catch (error) {
        if (attempt === ATTEMPTS || !(isDamage(error) || (error as NodeJS.ErrnoException).code === 'ENOENT'))
          throw error;
        if (!isDamage(error) || identityOf(place) !== identity) continue;
        warn(`the cache of features in ${folder} starts anew: ${oneLine(error)}`);
        setAside(folder);
      }
    }
  } catch (error) {
    const message = `the folder ${folder} cannot hold the cache of features: ${oneLine(error)}`;
    throw new PanelvecError('config_invalid', message, { cause: error });
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof UnsoundStore || DAMAGE.includes((error as { code?: number }).code ?? 0);
}

function identityOf(place: string): number | undefined {
  return statSync(path.join(place, 'data.mdb'), { throwIfNoEntry: false })?.ino;
}

function setAside(folder: string): void {
  try {
    renameSync(storeFolder(folder), path.join(folder, `${ASIDE}${randomUUID()}`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  removeAside(folder);
}

/** Also what a process left that was killed before it had removed it. */
function removeAside(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(ASIDE)) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}
