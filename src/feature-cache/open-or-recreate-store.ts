import { constants } from 'node:fs';
import { access, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { firstLine, PanelvecError } from '../errors.ts';
import { isBusyError } from '../files/file-lock.ts';
import { removeIfFree } from '../files/files-in-use.ts';
import { FeatureStore } from './feature-store.ts';

const STORE_FOLDER = 'sqlite';
/** Folders of versions that used LMDB: the store, and damaged stores that were moved aside. */
const FORMER_STORE = /^(lmdb|aside-.*)$/;
/** More than one, because processes that start at the same moment may replace the same damaged file. */
const MAX_ATTEMPTS = 5;
const BUSY_TIMEOUT_MS = 10_000;
const BUSY_DELAY_MS = 50;

export interface StoreLog {
  info(message: string): void;
  warn(message: string): void;
}

/**
 * Opens the store of a cache: the file with the highest number. A file that cannot be opened, or is far larger than it may
 * be, is replaced by the next number and deleted, with a warning; processes that have it open can read it until they end.
 * Processes that find the same file damaged at the same moment go to the same number, and so to the same store.
 * @throws PanelvecError config_invalid where the folder cannot be used
 */
export async function openOrRecreateStore(folder: string, maxBytes: number, log?: StoreLog): Promise<FeatureStore> {
  const storeFolder = path.join(folder, STORE_FOLDER);
  try {
    await mkdir(storeFolder, { recursive: true });
    await removeFormerStores(folder, log);
    const deadline = performance.now() + BUSY_TIMEOUT_MS;
    let number = 1;
    for (let attempt = 1; ; attempt++) {
      await assertWritable(storeFolder);
      number = Math.max(number, await newestNumber(storeFolder));
      try {
        const store = new FeatureStore(path.join(storeFolder, `${number}.sqlite`), maxBytes, 'reader');
        if ((await newestNumber(storeFolder)) === number) {
          await removeEntries(storeFolder, (name) => parseNumber(name) < number);
          return store;
        }
        // Another process has replaced it meanwhile.
        store.close();
      } catch (error) {
        if (isBusyError(error) && performance.now() < deadline) {
          attempt--;
          await delay(BUSY_DELAY_MS);
          continue;
        }
        if (attempt === MAX_ATTEMPTS) throw error;
        if ((await newestNumber(storeFolder)) !== number) continue;
        log?.warn(`the cache of features in ${folder} starts anew: ${firstLine(error)}`);
        number++;
      }
    }
  } catch (error) {
    const message = `the folder ${folder} cannot hold the cache of features: ${firstLine(error)}`;
    throw new PanelvecError('config_invalid', message, { cause: error });
  }
}

async function removeFormerStores(folder: string, log: StoreLog | undefined): Promise<void> {
  const removed = await removeEntries(folder, (name) => FORMER_STORE.test(name));
  if (removed.length > 0) {
    log?.info(
      `the cache of features in ${folder} starts empty: the store of an earlier version (${removed}) is removed`,
    );
  }
}

/** Checks permissions before SQLite does: a file that it must not write would count as damaged. */
async function assertWritable(storeFolder: string): Promise<void> {
  await access(storeFolder, constants.R_OK | constants.W_OK | constants.X_OK);
  for (const name of await readdir(storeFolder)) {
    await access(path.join(storeFolder, name), constants.R_OK | constants.W_OK).catch(ignoreMissing);
  }
}

async function newestNumber(storeFolder: string): Promise<number> {
  return Math.max(1, ...(await readdir(storeFolder)).map(parseNumber));
}

/** The number of `1.sqlite` and of the files that SQLite keeps beside it, or 0. */
function parseNumber(name: string): number {
  return Number(/^(\d+)\.sqlite/.exec(name)?.[1] ?? 0);
}

/** @returns what it removed. In order, so that the file itself goes before its log. */
async function removeEntries(folder: string, isOld: (name: string) => boolean): Promise<string[]> {
  const names = (await readdir(folder)).filter(isOld).sort();
  for (const name of names) await removeIfFree(path.join(folder, name));
  return names;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
