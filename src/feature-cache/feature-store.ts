import { statSync } from 'node:fs';
import path from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';

/**
 * Records and their ages in one LMDB environment. A value of `records` is its stamp and then the record; `ages` leads
 * from each stamp to its key, so the first is that of the oldest record. Both change in the same transaction.
 */
export interface FeatureStore {
  readonly environment: RootDatabase<Buffer, Buffer>;
  readonly records: Database<Buffer, Buffer>;
  readonly ages: Database<Buffer, Buffer>;
  readonly maxBytes: number;
}

/** A stamp is a number of 8 bytes, big-endian, that grows with every write: microseconds, as far as clocks are right. */
export const TIMESTAMP_BYTES = 8;

/**
 * A larger file is not gone on with: the bound was lowered, or a process that had stopped while it read kept freed pages
 * from use. (The file of four processes that put all they could stayed at 14.7 MiB, with a bound of 16 MiB.)
 */
export function maxFileBytes(maxBytes: number): number {
  return 2 * maxBytes + 64 * 1024 ** 2;
}

/**
 * Opens or makes the environment of a folder.
 *
 * overlappingSync would answer before a commit is on the disk, and noSync would leave the order of writes to the kernel:
 * a power cut could then leave a tree whose pages lead astray, which kills whoever reads it. LMDB's own way never does.
 * It waits for the disk at every commit, so commits are many records at once, on a thread of their own.
 * @throws UnsoundStore, or an Error of LMDB (its number in `code`) or of the system
 */
export function openFeatureStore(folder: string, maxBytes: number): FeatureStore {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const environment = open<Buffer, Buffer>({
    ...binary,
    path: folder,
    // Else a folder with a dot in its name would be taken for a file.
    noSubdir: false,
    // Only addresses, no memory. lmdb-js maps more where this is not enough, so MDB_MAP_FULL does not come up.
    mapSize: maxFileBytes(maxBytes),
    maxDbs: 2,
    overlappingSync: false,
  } as Parameters<typeof open>[0]);
  try {
    assertUsable(environment, folder, maxBytes);
    const records = environment.openDB({ ...binary, name: 'records' });
    const ages = environment.openDB({ ...binary, name: 'ages' });
    return { environment, records, ages, maxBytes };
  } catch (error) {
    void environment.close();
    throw error;
  }
}

/** A store that cannot be used, and is worth no more than its place. */
export class UnusableStoreError extends Error {}

function assertUsable(environment: RootDatabase<Buffer, Buffer>, folder: string, maxBytes: number): void {
  const expectedBytes = fileBytes({ environment });
  if (expectedBytes > maxFileBytes(maxBytes))
    throw new UnusableStoreError(`its file has ${expectedBytes} bytes, ${maxBytes} are allowed`);
  // Opened without a complaint, it would kill whoever reads where it should go on.
  const { size } = statSync(path.join(folder, 'data.mdb'));
  if (size < expectedBytes) throw new UnusableStoreError(`its file is cut short: ${size} of ${expectedBytes} bytes`);
}

interface TreeStats {
  readonly pageSize: number;
  readonly entryCount: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

interface StoreStats extends TreeStats {
  readonly lastPageNumber: number;
  readonly root: TreeStats;
  readonly free: TreeStats;
}

/** What lmdb-js reports of a database and its environment; its own types leave it open. */
export function readStats(database: Database<Buffer, Buffer>): StoreStats {
  const stats = database.getStats() as StoreStats;
  endReadTransaction(database);
  return stats;
}

/**
 * To be called after reading. lmdb-js would stay in the same moment up to the next turn of the event loop: what has been
 * written since is not seen, and the pages that are not in use any more since cannot be used again.
 */
export function endReadTransaction(database: Database<Buffer, Buffer>): void {
  database.resetReadTxn();
}

/** Bytes of the pages in use, in the transaction that runs if one does. */
export function usedBytes({ records, ages }: FeatureStore): number {
  const recordStats = readStats(records);
  const trees: TreeStats[] = [recordStats, readStats(ages), recordStats.root, recordStats.free];
  const pages = trees.map((tree) => tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages);
  return pages.reduce((sum, count) => sum + count, 0) * recordStats.pageSize;
}

/** Bytes that the data file must have. LMDB uses freed pages again, but never gives one back. */
export function fileBytes({ environment }: Pick<FeatureStore, 'environment'>): number {
  const { lastPageNumber, pageSize } = readStats(environment);
  return (lastPageNumber + 1) * pageSize;
}
