import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from './whole-file.ts';

const BUFFER_CHARACTERS = 1 << 20;

/** A text file that is written piece by piece and gets its name when it is whole: a writer that dies leaves none. */
export class WholeStream {
  readonly #file: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  #pieces: string[] = [];
  #characters = 0;

  private constructor(file: string, temporary: string, handle: FileHandle) {
    this.#file = file;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** @param scratch a folder of the same file system, where strays may be deleted at any time */
  static async open(file: string, scratch: string): Promise<WholeStream> {
    const temporary = path.join(scratch, `${path.basename(file)}.${randomUUID()}`);
    return new WholeStream(file, temporary, await open(temporary, 'wx'));
  }

  /** Comes back at once, but for a promise where there is something to wait for. */
  write(text: string): Promise<void> | undefined {
    this.#pieces.push(text);
    this.#characters += text.length;
    return this.#characters < BUFFER_CHARACTERS ? undefined : this.#flush();
  }

  /** Gives the file its name, once it is on the disk. */
  async finish(): Promise<void> {
    await this.#flush();
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#temporary, this.#file);
    await syncFolder(path.dirname(this.#file));
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#temporary, { force: true });
  }

  async #flush(): Promise<void> {
    const text = this.#pieces.join('');
    this.#pieces = [];
    this.#characters = 0;
    await this.#handle.writeFile(text);
  }
}

/** A whole file of what comes; nothing of it where an error comes. */
export async function writeStream(file: string, pieces: AsyncIterable<string>, scratch: string): Promise<void> {
  const stream = await WholeStream.open(file, scratch);
  try {
    for await (const piece of pieces) await stream.write(piece);
    await stream.finish();
  } catch (error) {
    await stream.discard();
    throw error;
  }
}
