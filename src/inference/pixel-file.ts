import { randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Where Linux keeps files in memory. Other systems have no such folder. */
const MEMORY_FOLDER = '/dev/shm';

/** The part of a pixel file that holds one picture, in bytes. */
export interface PixelRegion {
  readonly offset: number;
  readonly length: number;
}

/**
 * A file in memory by which an engine gets pictures: no message has to hold them, which both processes would copy and then collect
 * as garbage. It has no name, so that it is gone when both have ended, however they end.
 */
export class PixelFile implements Disposable {
  readonly descriptor: number;
  /** Of pictures that the engine has, by offset */
  readonly #regions: PixelRegion[] = [];

  private constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** Undefined where there is no memory for files. */
  static open(folder: string = MEMORY_FOLDER): PixelFile | undefined {
    const file = path.join(folder, `panelvec-${randomUUID()}`);
    let descriptor: number;
    try {
      descriptor = openSync(file, 'wx+', 0o600);
    } catch {
      return undefined;
    }
    rmSync(file, { force: true });
    return new PixelFile(descriptor);
  }

  /** Writes a picture to where nothing is that is in use. Returns undefined where there is no memory for it. */
  write(picture: Uint8Array): PixelRegion | undefined {
    const { byteLength: length } = picture;
    const index = this.#regions.findIndex(({ offset }, i) => offset - this.#endBefore(i) >= length);
    const insertIndex = index === -1 ? this.#regions.length : index;
    const region = { offset: this.#endBefore(insertIndex), length };
    if (!this.#writeWhole(picture, region.offset)) return undefined;
    this.#regions.splice(insertIndex, 0, region);
    return region;
  }

  /** Lets others take the place of a picture. */
  free(region: PixelRegion): void {
    const index = this.#regions.indexOf(region);
    if (index !== -1) this.#regions.splice(index, 1);
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }

  /** Whether all bytes were written: a file system in memory may be full. */
  #writeWhole(bytes: Uint8Array, offset: number): boolean {
    try {
      if (writeSync(this.descriptor, bytes, 0, bytes.byteLength, offset) === bytes.byteLength) return true;
      // A part of a picture is of no use, and others may need the memory.
      ftruncateSync(this.descriptor, this.#endBefore(this.#regions.length));
    } catch {
      // Nothing was written.
    }
    return false;
  }

  #endBefore(index: number): number {
    const before = this.#regions[index - 1];
    return before === undefined ? 0 : before.offset + before.length;
  }
}

/** Reads a picture in the process that inherited the file. @throws Error where the file ends before it */
export function readPixels(descriptor: number, { offset, length }: PixelRegion): Uint8Array {
  const pixels = new Uint8Array(length);
  for (let read = 0; read < length; ) {
    const count = readSync(descriptor, pixels, read, length - read, offset + read);
    if (count === 0) throw new Error('the pixel file is too short');
    read += count;
  }
  return pixels;
}
