import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { verifyFile } from './checksum.ts';
import { WrongContentError } from './hub-error.ts';
import type { PullContext, PullProgress } from './pull-context.ts';
import type { ResolvedFile } from './resolve-file.ts';

const TAG_LENGTH = 16;

export interface LocalFile {
  readonly resolved: ResolvedFile;
  /** Defined if the folder holds the whole file with the right content */
  readonly sha256: string | undefined;
  readonly missingBytes: number;
}

/** Finds out what the folder holds of a file, and reports it as progress. Removes partial files that are of no use. */
export async function findLocalFile(resolved: ResolvedFile, context: PullContext): Promise<LocalFile> {
  const { folder, progress } = context;
  await removeStalePartials(folder, resolved);
  const sha256 = await verifyLocalFile(resolved, context);
  const partialPath = path.join(folder, partialFileName(resolved));
  let bytes = sha256 === undefined ? await fileSizeOrZero(partialPath) : resolved.bytes;
  if (sha256 !== undefined || bytes > resolved.bytes) {
    await rm(partialPath, { force: true });
    bytes = sha256 === undefined ? 0 : resolved.bytes;
  }
  if (bytes > 0) progress.advance(bytes);
  return { resolved, sha256, missingBytes: resolved.bytes - bytes };
}

/** `<fileName>.<tag>.part`. The tag is part of the checksum, so that a download never continues another version. */
export function partialFileName({ file, checksum }: ResolvedFile): string {
  return `${file.fileName}.${checksum.slice(0, TAG_LENGTH)}.part`;
}

/** The first bytes of a file that is being downloaded. Growth and restarts are reported as progress. */
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

  /** Does not report the bytes that the file has already: `findLocalFile` has done so. */
  static async open(path: string, progress: PullProgress): Promise<PartialFile> {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT);
    return new PartialFile(path, handle, (await handle.stat()).size, progress);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Writes at an explicit offset: another process that pulls the same file then writes the same bytes there. */
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

/** Removes partial files of other versions of this file. */
async function removeStalePartials(folder: string, resolved: ResolvedFile): Promise<void> {
  const [prefix, current] = [`${resolved.file.fileName}.`, partialFileName(resolved)];
  for (const name of await readdir(folder)) {
    const isStale =
      name.startsWith(prefix) && /^[0-9a-f]{16}\.part$/.test(name.slice(prefix.length)) && name !== current;
    if (isStale) await rm(path.join(folder, name), { force: true });
  }
}

async function verifyLocalFile(resolved: ResolvedFile, { folder, signal }: PullContext): Promise<string | undefined> {
  try {
    return await verifyFile(path.join(folder, resolved.file.fileName), resolved, signal);
  } catch (error) {
    if (error instanceof WrongContentError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function fileSizeOrZero(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
