import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from './atomic-write.ts';

const BUFFER_CHARACTERS = 1 << 20;

/** A text file that is written piece by piece and gets its name when it is whole: a writer that dies leaves none. */
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

  /** @param scratch a folder of the same file system, where strays may be deleted at any time */
  static async open(file: string, scratch: string): Promise<AtomicWriteStream> {
    const temporaryFile = path.join(scratch, `${path.basename(file)}.${randomUUID()}`);
    return new AtomicWriteStream(file, temporaryFile, await open(temporaryFile, 'wx'));
  }

  /** Comes back at once, but for a promise where there is something to wait for. */
  write(text: string): Promise<void> | undefined {
    this.#bufferedTexts.push(text);
    this.#bufferedCharacters += text.length;
    return this.#bufferedCharacters < BUFFER_CHARACTERS ? undefined : this.#flush();
  }

  /** Gives the file its name, once it is on the disk. */
  async commit(): Promise<void> {
    await this.#flush();
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#temporaryFile, this.#file);
    await syncFolder(path.dirname(this.#file));
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#temporaryFile, { force: true });
  }

  async #flush(): Promise<void> {
    const text = this.#bufferedTexts.join('');
    this.#bufferedTexts = [];
    this.#bufferedCharacters = 0;
    await this.#handle.writeFile(text);
  }
}

/** A whole file of what comes; nothing of it where an error comes. */
export async function writeStreamAtomic(file: string, texts: AsyncIterable<string>, scratch: string): Promise<void> {
  const stream = await AtomicWriteStream.open(file, scratch);
  try {
    for await (const text of texts) await stream.write(text);
    await stream.commit();
  } catch (error) {
    await stream.discard();
    throw error;
  }
}
