import { ftruncateSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { firstLine, PanelvecError } from '../../errors.ts';
import { removeTemporaryFiles, writeFileAtomic } from '../../files/atomic-write.ts';
import { readCompleteLines } from './complete-lines.ts';
import { formatRecord, type HistoryRecord, parseRecord } from './history-record.ts';

/** The history of one training in JSON Lines, one record a line. Only one process appends to it. */
export class HistoryFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  #bytes: number;

  private constructor(file: string, handle: FileHandle, bytes: number) {
    this.#file = file;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /**
   * Opens the history of a training that resumes after `lastStep`, the step of its checkpoint; 0 starts a new one. Lines from
   * the first record of a later step on, or from the first line that is not a record, are removed; the others keep their bytes.
   * So the records of a step, and of an epoch that ends with it, must be in the file before its checkpoint is saved.
   *
   * The file is always replaced by a new one: a former owner that seemed dead and still writes, writes into the old one.
   * @throws PanelvecError storage_failed; the file is then as it was
   */
  static async open(file: string, lastStep: number): Promise<HistoryFile> {
    try {
      await removeTemporaryFiles(path.dirname(file), (name) => name === path.basename(file));
      await writeFileAtomic(file, readLinesUntil(file, lastStep));
      const handle = await open(file, 'a');
      return new HistoryFile(file, handle, (await handle.stat()).size);
    } catch (error) {
      throw storageFailed(file, error instanceof PanelvecError ? error.cause : error);
    }
  }

  /**
   * Writes a record before it returns: a killed process loses nothing, a power cut only records after the last `sync`.
   * @throws PanelvecError storage_failed, for example on a full disk; the file is then as it was
   */
  append(record: HistoryRecord): void {
    const line = Buffer.from(formatRecord(record));
    try {
      // One write may be partial, for example where the disk is nearly full.
      for (let written = 0; written < line.length; ) written += writeSync(this.#handle.fd, line, written);
      this.#bytes += line.length;
    } catch (error) {
      // The next record would be joined to a partial line.
      ftruncateSync(this.#handle.fd, this.#bytes);
      throw storageFailed(this.#file, error);
    }
  }

  /** Syncs the records to disk, before a checkpoint that relies on them is saved. @throws PanelvecError storage_failed */
  async sync(): Promise<void> {
    await this.#handle.sync().catch((error: unknown) => {
      throw storageFailed(this.#file, error);
    });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Reads the records of a history, oldest first. It may be written at the same time: a last line without a line end is left out.
 * @throws PanelvecError not_found where there is no such file, storage_failed where a line is not a record
 */
export async function* readHistory(file: string): AsyncGenerator<HistoryRecord> {
  let lineNumber = 0;
  try {
    for await (const line of readCompleteLines(file)) {
      lineNumber++;
      const record = parseRecord(line);
      if (record === null)
        throw new PanelvecError('storage_failed', `${file}, line ${lineNumber}, is no record of a history`);
      yield record;
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new PanelvecError('not_found', `there is no history ${file}`, { cause: error });
  }
}

/** The last epoch that has a record in a history; 0 where none has. */
export async function lastRecordedEpoch(file: string): Promise<number> {
  let lastEpoch = 0;
  for await (const { kind, epoch } of readHistory(file)) if (kind === 'epoch') lastEpoch = epoch;
  return lastEpoch;
}

async function* readLinesUntil(file: string, lastStep: number): AsyncGenerator<string> {
  try {
    for await (const line of readCompleteLines(file)) {
      const record = parseRecord(line);
      if (record === null || record.step > lastStep) return;
      yield `${line}\n`;
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function storageFailed(file: string, cause: unknown): PanelvecError {
  return new PanelvecError('storage_failed', `the history ${file} could not be written: ${firstLine(cause)}`, {
    cause,
  });
}
