import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { firstLine, PanelvecError } from '../errors.ts';
import { renameWhenFree } from './files-in-use.ts';

/** Texts and bytes, in the order in which they follow each other in the file. */
export type FileChunks = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

const MAX_BUFFERED_CHARACTERS = 1 << 20;
/** Earlier versions put nothing after the UUID. */
const TEMPORARY_NAME = /^(.+)\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.tmp)?$/;

/**
 * Writes a file that appears under its name completely or not at all, even if the process is killed or the power fails: the
 * content goes to a temporary file, is synced to disk, and is renamed.
 * @param content the whole content, or its chunks
 * @param scratch the folder for the temporary file; it must be on the same file system, as a rename cannot cross to another
 * @param mode the permissions of the file, less those that the umask takes
 * @throws PanelvecError with the system's error as its cause (ENOSPC, EACCES), and whatever `content` throws; an existing
 *   file then stays as it was
 */
export async function writeFileAtomic(
  file: string,
  content: string | Uint8Array | FileChunks,
  scratch: string = path.dirname(file),
  mode = 0o666,
): Promise<void> {
  const stream = await AtomicWriteStream.open(file, scratch, mode);
  try {
    const chunks = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
    for await (const chunk of chunks) await stream.write(chunk);
    await stream.commit();
  } catch (error) {
    await stream.discard();
    throw error;
  }
}

/** A file that is written chunk by chunk and gets its name when it is complete. */
export class AtomicWriteStream {
  readonly #file: string;
  readonly #temporaryFile: string;
  readonly #handle: FileHandle;
  #bufferedTexts: string[] = [];
  #bufferedCharacters = 0;

  private constructor(file: string, temporaryFile: string, handle: FileHandle) {
    this.#file = file;
    this.#temporaryFile = temporaryFile;
    this.#handle = handle;
  }

  /** @throws PanelvecError with the system's error as its cause, like all methods of the stream but `discard` */
  static async open(file: string, scratch: string = path.dirname(file), mode = 0o666): Promise<AtomicWriteStream> {
    const temporaryFile = temporaryPath(file, scratch);
    const handle = await wrapError(file, () => open(temporaryFile, 'wx', mode));
    return new AtomicWriteStream(file, temporaryFile, handle);
  }

  /** Returns a promise only if there is something to wait for: callers may write a million short lines. */
  write(chunk: string | Uint8Array): Promise<void> | undefined {
    if (typeof chunk !== 'string') return this.#writeBytes(chunk);
    this.#bufferedTexts.push(chunk);
    this.#bufferedCharacters += chunk.length;
    return this.#bufferedCharacters < MAX_BUFFERED_CHARACTERS ? undefined : this.#flush();
  }

  /** Syncs the content to disk and gives the file its name. */
  async commit(): Promise<void> {
    await this.#flush();
    await wrapError(this.#file, async () => {
      await this.#handle.sync();
      await this.#handle.close();
      await renameWhenFree(this.#temporaryFile, this.#file);
      await syncFolder(path.dirname(this.#file));
    });
  }

  /** Removes the temporary file. Never fails. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#temporaryFile, { force: true }).catch(() => {});
  }

  async #writeBytes(bytes: Uint8Array): Promise<void> {
    await this.#flush();
    await wrapError(this.#file, () => this.#handle.writeFile(bytes));
  }

  async #flush(): Promise<void> {
    const text = this.#bufferedTexts.join('');
    this.#bufferedTexts = [];
    this.#bufferedCharacters = 0;
    await wrapError(this.#file, () => this.#handle.writeFile(text));
  }
}

/**
 * Gives an existing file a second name (a hard link), in place of whatever has that name.
 * @throws PanelvecError with the system's error as its cause
 */
export async function linkFileAtomic(existingFile: string, file: string): Promise<void> {
  const temporaryFile = temporaryPath(file, path.dirname(file));
  try {
    await wrapError(file, async () => {
      await link(existingFile, temporaryFile);
      await renameWhenFree(temporaryFile, file);
      await syncFolder(path.dirname(file));
    });
  } finally {
    // Also after success: renaming one link over another of the same file does nothing.
    await rm(temporaryFile, { force: true });
  }
}

/**
 * Removes the temporary files that a killed process left in a folder. Only for a folder that nobody else writes to now.
 * @param isIncluded whether the files of this final name are to be removed
 */
export async function removeTemporaryFiles(
  folder: string,
  isIncluded: (fileName: string) => boolean = () => true,
): Promise<void> {
  for (const name of await readdir(folder)) {
    const fileName = TEMPORARY_NAME.exec(name)?.[1];
    if (fileName !== undefined && isIncluded(fileName)) await rm(path.join(folder, name), { force: true });
  }
}

/** Random, not the process id: in containers that share a volume, every process may have the same id. */
function temporaryPath(file: string, folder: string): string {
  return path.join(folder, `${path.basename(file)}.${randomUUID()}.tmp`);
}

/** A rename is on disk only once its folder is. Windows refuses to sync folders (EPERM), and keeps a log of its own. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}

async function wrapError<T>(file: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw new PanelvecError('internal', `${file} could not be written: ${firstLine(error)}`, { cause: error });
  }
}
