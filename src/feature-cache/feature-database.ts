import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** To be raised when the tables change: files of other versions are not read. */
const VERSION = 1;
/** Records have a few kilobytes: with smaller pages, more of them would need two. */
export const PAGE_BYTES = 8192;
const MAX_BATCH_BYTES = 4 * 1024 ** 2;
/** The share of the limit that one transaction may write, because room for it is made in advance. */
const MAX_BATCH_SHARE = 1 / 16;
const SAMPLE_SIZE = 100;

/** The row with the lowest age is the oldest: a record that is written again gets a new age. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (
    age INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    written_at INTEGER NOT NULL,
    record BLOB NOT NULL
  ) STRICT;
  PRAGMA user_version = ${VERSION};
`;

/** A store that cannot be used and may be deleted. */
export class UnusableStoreError extends Error {}

/** The size from which a file is no longer used: its limit was lowered, or its log could not start over. */
export function maxFileBytes(maxBytes: number): number {
  return 2 * maxBytes + 64 * 1024 ** 2;
}

/** The bytes of records that one transaction may write. */
export function maxBatchBytes(maxBytes: number): number {
  return Math.min(MAX_BATCH_BYTES, maxBytes * MAX_BATCH_SHARE);
}

/** Runs a statement whose result is one number. */
export function readNumber(statement: StatementSync): number {
  const [value] = Object.values(statement.get() ?? {});
  return Number(value);
}

export interface FeatureDatabaseOptions {
  readonly file: string;
  readonly maxBytes: number;
  /** How long a statement waits, and blocks its thread, while another process has the file locked. */
  readonly busyTimeoutMs: number;
  readonly create: boolean;
}

/**
 * Opens an SQLite file of records, and creates the file on demand.
 *
 * With a write-ahead log, processes read while one writes, and kill -9 loses no commit. `synchronous = NORMAL`: a power cut
 * may lose the last commits, but does not damage the file. `mmap_size` would make reads faster, but a file that is cut
 * short would then crash the process that reads it.
 * @throws UnusableStoreError, or an Error of SQLite (its number in `errcode`)
 */
export function openFeatureDatabase({ file, maxBytes, busyTimeoutMs, create }: FeatureDatabaseOptions): DatabaseSync {
  const url = pathToFileURL(file);
  url.searchParams.set('mode', create ? 'rwc' : 'rw');
  const database = new DatabaseSync(url, { timeout: busyTimeoutMs });
  try {
    const checkpointPages = Math.max(16, Math.ceil(maxBatchBytes(maxBytes) / PAGE_BYTES));
    database.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = ${checkpointPages};
      PRAGMA journal_size_limit = ${4 * checkpointPages * PAGE_BYTES};
    `);
    createTables(database);
    assertFileInBounds(database, maxBytes);
    readSample(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function createTables(database: DatabaseSync): void {
  const version = readPragma(database, 'user_version');
  if (version === VERSION) return;
  if (version !== 0) throw new UnusableStoreError(`it has version ${version}`);
  // Other processes may create them at the same moment.
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
}

function assertFileInBounds(database: DatabaseSync, maxBytes: number): void {
  const bytes = readPragma(database, 'page_count') * readPragma(database, 'page_size');
  if (bytes > maxFileBytes(maxBytes)) {
    throw new UnusableStoreError(`its file has ${bytes} bytes, ${maxBytes} are allowed`);
  }
}

/**
 * Finds damage at the start: SQLite looks at no page before it needs it. It reads a page that was cut as if the rest of it
 * were zeros, so the rows and the index of their keys are compared.
 */
function readSample(database: DatabaseSync): void {
  const find = database.prepare('SELECT age FROM records WHERE key = ?');
  // In one transaction: other processes write.
  database.exec('BEGIN');
  for (const order of ['ASC', 'DESC']) {
    const sample = database.prepare(`SELECT age, key, record FROM records ORDER BY age ${order} LIMIT ${SAMPLE_SIZE}`);
    for (const { age, key } of sample.iterate()) {
      if (!(key instanceof Uint8Array) || find.get(key)?.['age'] !== age) {
        throw new UnusableStoreError(`its record ${age} is not the one of its key`);
      }
    }
  }
  database.exec('COMMIT');
}

function readPragma(database: DatabaseSync, name: string): number {
  return readNumber(database.prepare(`PRAGMA ${name}`));
}
