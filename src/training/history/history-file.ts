import { ftruncateSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { firstLine, PanelvecError } from '../../errors.ts';
import { removeTemporaryFiles, writeFileAtomic } from '../../files/atomic-write.ts';
import { readCompleteLines } from './complete-lines.ts';
import { formatRecord, type HistoryRecord, parseRecord } from './history-record.ts';

/** The history of one training, one record a line (JSON Lines), appended to by its one owner. */
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
   * Opens the history of a training that goes on after `lastStep`, the step of its checkpoint (0: it begins). What follows in
   * the file goes: from the first record of a later step, or the first line that is no record. What stays, stays byte for
   * byte, so the records of a step, and of an epoch that ends with it, belong into the file before its checkpoint is kept.
   *
   * The file is always replaced by a new one: an owner that was taken for dead and still writes, writes into the old one.
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
   * Hands the line to the system before it returns: a killed process loses nothing, a power cut what came after `sync`.
   * @throws PanelvecError storage_failed, such as on a full disk; nothing of the line is then left in the file
   */
  append(record: HistoryRecord): void {
    const line = Buffer.from(formatRecord(record));
    try {
      // One write may take a part only, as where the disk has room for no more.
      for (let written = 0; written < line.length; ) written += writeSync(this.#handle.fd, line, written);
      this.#bytes += line.length;
    } catch (error) {
      // A half line would swallow the one after it.
      ftruncateSync(this.#handle.fd, this.#bytes);
      throw storageFailed(this.#file, error);
    }
  }

  /** What was appended is on the disk: to be called before a checkpoint that counts on it. @throws PanelvecError */
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
 * The records of a history, oldest first, also while it is being written: a last line without an end is left out.
 * @throws PanelvecError not_found where there is no such file, storage_failed where a line of it is no record
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
