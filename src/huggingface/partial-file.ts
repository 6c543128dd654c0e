import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { PullProgress } from './pull-context.ts';
import type { ResolvedFile } from './resolve-file.ts';

const TAG_LENGTH = 16;

/** `<as>.<tag>.part`; the tag is of the content, so a part never continues another version of the file. */
export function partialFileName({ file, checksum }: ResolvedFile): string {
  return `${file.fileName}.${checksum.slice(0, TAG_LENGTH)}.part`;
}

/** Removes what was begun of other versions of this file. */
export async function removeStalePartials(folder: string, resolved: ResolvedFile): Promise<void> {
  const [prefix, current] = [`${resolved.file.fileName}.`, partialFileName(resolved)];
  for (const name of await readdir(folder)) {
    const isStale =
      name.startsWith(prefix) && /^[0-9a-f]{16}\.part$/.test(name.slice(prefix.length)) && name !== current;
    if (isStale) await rm(path.join(folder, name), { force: true });
  }
}

/** Bytes that a file has; 0 where there is none. */
export async function fileSizeOrZero(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** The beginning of a file that is being downloaded. Growing and starting anew both show in the progress. */
export class PartialFile implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #progress: PullProgress;
  #bytes: number;

  private constructor(path: string, handle: FileHandle, bytes: number, progress: PullProgress) {
    this.path = path;
    this.#handle = handle;
    this.#bytes = bytes;
    this.#progress = progress;
  }

  /** What is there already must have been counted by whoever found it. */
  static async open(path: string, progress: PullProgress): Promise<PartialFile> {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT);
    return new PartialFile(path, handle, (await handle.stat()).size, progress);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Written to its place, not to the end: another process that pulls the same file then writes the same bytes there. */
  async append(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.byteLength; ) {
      const { bytesWritten } = await this.#handle.write(chunk, offset, chunk.byteLength - offset, this.#bytes);
      offset += bytesWritten;
      this.#bytes += bytesWritten;
      this.#progress.advance(bytesWritten);
    }
  }

  async restart(): Promise<void> {
    if (this.#bytes === 0) return;
    await this.#handle.truncate(0);
    this.#progress.advance(-this.#bytes);
    this.#bytes = 0;
  }

  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
