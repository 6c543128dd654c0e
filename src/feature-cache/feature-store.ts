import { statSync } from 'node:fs';
import path from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';

/**
 * Records and their ages in one LMDB environment. A value of `records` is a timestamp and then the record; `ages` maps each
 * timestamp to its key, so its first entry is the oldest record. Both change in the same transaction.
 */
export interface FeatureStore {
  readonly environment: RootDatabase<Buffer, Buffer>;
  readonly records: Database<Buffer, Buffer>;
  readonly ages: Database<Buffer, Buffer>;
  readonly maxBytes: number;
}

/** A timestamp is a big-endian number that grows with every write: microseconds, where the clock does not go back. */
export const TIMESTAMP_BYTES = 8;

/**
 * The size from which a file is no longer used. It gets that large when the limit is lowered, or when a process stops in the
 * middle of a read and so keeps freed pages from use. (The file of four processes that wrote all they could stayed at
 * 14.7 MiB, with a limit of 16 MiB.)
 */
export function maxFileBytes(maxBytes: number): number {
  return 2 * maxBytes + 64 * 1024 ** 2;
}

/**
 * Opens or creates the environment of a folder.
 *
 * overlappingSync would report a commit before it is on the disk, and noSync would leave the order of writes to the kernel:
 * after a power cut, the tree could have wrong pages, and reading it would crash the process. LMDB's default avoids that. It
 * waits for the disk at every commit, so a commit has many records, and a thread of its own does it.
 * @throws UnusableStoreError, or an Error of LMDB (its number in `code`) or of the system
 */
export function openFeatureStore(folder: string, maxBytes: number): FeatureStore {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const environment = open<Buffer, Buffer>({
    ...binary,
    path: folder,
    // Without this, a folder with a dot in its name would be taken for a file.
    noSubdir: false,
    // Address space, not memory. lmdb-js maps more where this is not enough, so MDB_MAP_FULL does not occur.
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

/** A store that cannot be used and may be deleted. */
export class UnusableStoreError extends Error {}

function assertUsable(environment: RootDatabase<Buffer, Buffer>, folder: string, maxBytes: number): void {
  const expectedBytes = fileBytes({ environment });
  if (expectedBytes > maxFileBytes(maxBytes))
    throw new UnusableStoreError(`its file has ${expectedBytes} bytes, ${maxBytes} are allowed`);
  // LMDB would open it without an error, and crash when it reads behind the end.
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

/** Statistics of a database and its environment. The types of lmdb-js do not describe them. */
export function readStats(database: Database<Buffer, Buffer>): StoreStats {
  const stats = database.getStats() as StoreStats;
  endReadTransaction(database);
  return stats;
}

/**
 * Ends the read transaction; to be called after every read. lmdb-js would keep it open until the next turn of the event loop:
 * later writes would not be seen, and pages that they free could not be used again.
 */
export function endReadTransaction(database: Database<Buffer, Buffer>): void {
  database.resetReadTxn();
}

/** Bytes of the pages in use, as the current transaction sees them. */
export function usedBytes({ records, ages }: FeatureStore): number {
  const recordStats = readStats(records);
  const trees: TreeStats[] = [recordStats, readStats(ages), recordStats.root, recordStats.free];
  const pages = trees.map((tree) => tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages);
  return pages.reduce((sum, count) => sum + count, 0) * recordStats.pageSize;
}

/** Bytes that the data file must have. LMDB reuses freed pages, but never makes its file smaller. */
export function fileBytes({ environment }: Pick<FeatureStore, 'environment'>): number {
  const { lastPageNumber, pageSize } = readStats(environment);
  return (lastPageNumber + 1) * pageSize;
}
