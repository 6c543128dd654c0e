import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { oneLine } from '../errors.ts';
import { batchBytes, type StoreWrite } from './store-writes.ts';

export interface ThreadData {
  readonly folder: string;
  readonly maxBytes: number;
}

export type ToThread = StoreWrite | 'close';

/** So many more writes have been tried, the oldest first. Once something has failed, nothing is written any more. */
export interface FromThread {
  readonly done: number;
  readonly failed: string | undefined;
}

interface Waiting {
  readonly number: number;
  /** undefined where the record is to be removed. */
  readonly record: Uint8Array | undefined;
}

/** More than this is dropped: the disk does not keep up. */
const MAX_WAITING_BYTES = 64 * 1024 ** 2;

/** Hands writes to the thread that does them, which is started by the first one, and never throws. */
export class Writer {
  readonly #data: ThreadData;
  readonly #onFailure: (problem: string, lost: number) => void;
  readonly #waiting = new Map<string, Waiting>();
  #waitingBytes = 0;
  #sent = 0;
  #done = 0;
  #flushes: { readonly number: number; readonly resolve: () => void }[] = [];
  #thread: Worker | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #broken = false;
  #closing = false;

  /** @param onFailure told once, when nothing will be written any more: why, and how many writes are lost */
  constructor(data: ThreadData, onFailure: (problem: string, lost: number) => void) {
    this.#data = data;
    this.#onFailure = onFailure;
  }

  /** The write that waits for this key, the newest. */
  waiting(key: Uint8Array): { readonly record: Uint8Array | undefined } | undefined {
    return this.#waiting.get(nameOf(key));
  }

  /** @returns whether it will be tried; what is too much, or comes after a failure, is not */
  write(write: StoreWrite): boolean {
    const record = write.kind === 'put' ? write.record : undefined;
    const bytes = record?.byteLength ?? 0;
    if (this.#broken || this.#closing || bytes > batchBytes(this.#data.maxBytes)) return false;
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) return false;
    this.#thread ??= this.#start();
    // Of bytes that are a part of a pool, all of the pool would be copied.
    this.#thread.postMessage({ ...write, key: Uint8Array.from(write.key) } satisfies ToThread);
    this.#thread.ref();
    const name = nameOf(write.key);
    this.#forget(name);
    this.#waiting.set(name, { number: ++this.#sent, record });
    this.#waitingBytes += bytes;
    return true;
  }

  /** Resolves when every write so far has been tried. */
  flush(): Promise<void> {
    if (this.#done === this.#sent) return Promise.resolve();
    return new Promise((resolve) => this.#flushes.push({ number: this.#sent, resolve }));
  }

  async close(): Promise<void> {
    await this.flush();
    this.#closing = true;
    this.#thread?.ref();
    this.#thread?.postMessage('close' satisfies ToThread);
    await this.#ended;
  }

  #start(): Worker {
    const thread = new Worker(path.join(import.meta.dirname, 'store-thread.ts'), { workerData: this.#data });
    thread.on('message', ({ done, failed }: FromThread) => {
      // After a failure, all that was sent counts as done.
      if (this.#broken) return;
      if (failed === undefined) this.#advance(this.#done + done);
      else this.#break(failed);
    });
    thread.on('error', (error) => this.#break(oneLine(error)));
    this.#ended = new Promise((resolve) => thread.once('exit', resolve));
    thread.once('exit', () => this.#break('its thread has ended'));
    return thread;
  }

  #advance(done: number): void {
    this.#done = done;
    for (const [name, { number }] of this.#waiting) {
      if (number > done) break;
      this.#forget(name);
    }
    for (const { resolve } of this.#flushes.filter(({ number }) => number <= done)) resolve();
    this.#flushes = this.#flushes.filter(({ number }) => number > done);
    // A process that has nothing else to do may end.
    if (done === this.#sent && !this.#closing) this.#thread?.unref();
  }

  #forget(name: string): void {
    this.#waitingBytes -= this.#waiting.get(name)?.record?.byteLength ?? 0;
    this.#waiting.delete(name);
  }

  #break(problem: string): void {
    if (!this.#broken && !this.#closing) this.#onFailure(problem, this.#sent - this.#done);
    this.#broken = true;
    this.#advance(this.#sent);
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
