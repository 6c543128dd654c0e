import type { FileHandle } from 'node:fs/promises';
import { RandomAccessReader } from 'yauzl';

/** Over the 64 KiB at the end of an archive that may hold the place of its directory. */
const BLOCK_BYTES = 1 << 17;

type ReadCallback = (error: Error | null, bytesRead?: number) => void;

/** Reads an open file for yauzl in blocks: a directory then takes one read, where yauzl alone takes two for each file in it. */
export class HandleReader extends RandomAccessReader {
  readonly #handle: FileHandle;
  readonly #fileBytes: number;
  #block = Buffer.alloc(0);
  #blockStart = 0;

  constructor(handle: FileHandle, fileBytes: number) {
    super();
    this.#handle = handle;
    this.#fileBytes = fileBytes;
  }

  override read(target: Buffer, offset: number, length: number, position: number, callback: ReadCallback): void {
    this.#copy(target, offset, length, position).then(
      (bytesRead) => callback(null, bytesRead),
      (error: Error) => callback(error),
    );
  }

  async #copy(target: Buffer, offset: number, length: number, position: number): Promise<number> {
    // A damaged archive may name any place.
    if (position + length > this.#fileBytes) return 0;
    const blockEnd = this.#blockStart + this.#block.length;
    if (position < this.#blockStart || position + length > blockEnd) await this.#readBlock(position, length);
    const start = position - this.#blockStart;
    return this.#block.copy(target, offset, start, start + length);
  }

  async #readBlock(position: number, length: number): Promise<void> {
    // The directory ends where the file ends, so that the last block of a file is read as a whole.
    const start = Math.max(0, Math.min(position, this.#fileBytes - BLOCK_BYTES));
    const bytes = Math.max(Math.min(BLOCK_BYTES, this.#fileBytes - start), position - start + length);
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(bytes), 0, bytes, start);
    this.#block = buffer.subarray(0, bytesRead);
    this.#blockStart = start;
  }
}
