import { type FileHandle, open } from 'node:fs/promises';
import { firstLine } from '../errors.ts';
import { WeightsError } from './weights-error.ts';

/** Longer ranges are read in pieces of this size: one read of a file takes at most 2^31 - 1 bytes. */
const MAX_READ_BYTES = 1 << 28;

/** Random access to a file of known size. Closes with `await using`. */
export class RandomAccessFile implements AsyncDisposable {
  readonly file: string;
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(file: string, handle: FileHandle, size: number) {
    this.file = file;
    this.size = size;
    this.#handle = handle;
  }

  /** @throws WeightsError where the file cannot be opened or is not a regular file */
  static async open(file: string): Promise<RandomAccessFile> {
    const handle = await open(file, 'r').catch((cause: unknown) => {
      throw new WeightsError(`cannot read ${file}: ${firstLine(cause)}`, { cause });
    });
    const stats = await handle.stat();
    if (stats.isFile()) return new RandomAccessFile(file, handle, stats.size);
    await handle.close();
    throw new WeightsError(`${file} is not a file`);
  }

  /**
   * Reads a range into a buffer of its own, so that typed arrays can be views of it.
   * @throws WeightsError where the range reaches beyond the file
   */
  async read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (start + length > this.size) {
      throw new WeightsError(`${this.file} is truncated: ${length} bytes at ${start} of ${this.size}`);
    }
    const buffer = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const pieceLength = Math.min(length - filled, MAX_READ_BYTES);
      const { bytesRead } = await this.#handle.read(buffer, filled, pieceLength, start + filled);
      if (bytesRead === 0) throw new WeightsError(`${this.file} ended at byte ${start + filled} while it was read`);
      filled += bytesRead;
    }
    return buffer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
