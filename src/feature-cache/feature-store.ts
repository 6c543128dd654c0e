import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { maxFileBytes, openFeatureDatabase, PAGE_BYTES, readNumber, UnusableStoreError } from './feature-database.ts';

/** The share of the limit that pages in use may take. The rest is for the gaps that records of different sizes leave. */
const USABLE_SHARE = 0.9;
const EVICTION_BATCH = 16;
/** Readers block the event loop, but wait only while another process creates the file or recovers it after a crash. */
const READER_BUSY_TIMEOUT_MS = 2000;
/** Writers wait on a thread of their own, for the transactions of other processes. */
const WRITER_BUSY_TIMEOUT_MS = 30_000;

export interface StoredRecord {
  readonly record: Uint8Array;
  /** Milliseconds since 1970 */
  readonly writtenAt: number;
  readonly age: number;
}

/** A record to keep, or one that was found damaged and shall be removed. */
export type StoreWrite =
  | { readonly kind: 'put'; readonly key: Uint8Array; readonly record: Uint8Array }
  | { readonly kind: 'remove'; readonly key: Uint8Array; readonly age: number };

/** Records in an SQLite file that any number of processes can use at the same time. */
export class FeatureStore {
  readonly file: string;
  readonly #maxBytes: number;
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #evict: StatementSync;
  readonly #usedPages: StatementSync;

  /**
   * Opens the file. Only a reader creates it: a writer opens it later, when another process may have replaced it.
   * @throws UnusableStoreError, or an Error of SQLite
   */
  constructor(file: string, maxBytes: number, role: 'reader' | 'writer') {
    this.file = file;
    this.#maxBytes = maxBytes;
    const busyTimeoutMs = role === 'reader' ? READER_BUSY_TIMEOUT_MS : WRITER_BUSY_TIMEOUT_MS;
    this.#database = openFeatureDatabase({ file, maxBytes, busyTimeoutMs, create: role === 'reader' });
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#get = prepare('SELECT record, written_at AS writtenAt, age FROM records WHERE key = ?');
    this.#put = prepare('REPLACE INTO records (key, written_at, record) VALUES (?, ?, ?)');
    this.#remove = prepare('DELETE FROM records WHERE key = ? AND age = ?');
    this.#evict = prepare('DELETE FROM records WHERE age IN (SELECT age FROM records ORDER BY age LIMIT ?)');
    this.#usedPages = prepare('SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count');
  }

  /** @throws Error of SQLite where the file is damaged */
  get(key: Uint8Array): StoredRecord | undefined {
    return this.#get.get(key) as StoredRecord | undefined;
  }

  /**
   * Does all writes in one transaction, and removes as many of the oldest records as their room needs. Waits for other
   * processes that write, and for the disk.
   * @throws Error where it fails; then it has done none of the writes
   */
  write(writes: readonly StoreWrite[]): void {
    this.#assertLogInBounds();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#evictOldest(neededBytes(writes));
      for (const write of writes) {
        if (write.kind === 'put') this.#put.run(write.key, Date.now(), write.record);
        // By its age, because another process may have written a good record meanwhile.
        else this.#remove.run(write.key, write.age);
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Bytes of the pages in use. */
  usedBytes(): number {
    return readNumber(this.#usedPages) * PAGE_BYTES;
  }

  count(): number {
    return readNumber(this.#database.prepare('SELECT count(*) FROM records'));
  }

  close(): void {
    this.#database.close();
  }

  #evictOldest(neededBytes: number): void {
    while (this.usedBytes() + neededBytes > this.#maxBytes * USABLE_SHARE) {
      if (this.#evict.run(EVICTION_BATCH).changes === 0) return;
    }
  }

  /** While a process is stopped in the middle of a read, the log cannot start over and grows with every write. */
  #assertLogInBounds(): void {
    const bytes = statSync(`${this.file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes > maxFileBytes(this.#maxBytes)) throw new UnusableStoreError(`its log has grown to ${bytes} bytes`);
  }
}

/** An upper bound: at most one more page for each record than its bytes fill, for its header and its entries in the trees. */
function neededBytes(writes: readonly StoreWrite[]): number {
  let pages = 0;
  for (const write of writes) if (write.kind === 'put') pages += Math.ceil(write.record.byteLength / PAGE_BYTES) + 1;
  return pages * PAGE_BYTES;
}
