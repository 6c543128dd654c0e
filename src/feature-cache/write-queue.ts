import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { firstLine } from '../errors.ts';
import { maxBatchBytes, type StoreWrite } from './store-writes.ts';

export interface WriterThreadData {
  readonly folder: string;
  readonly maxBytes: number;
}

export type WriterRequest = StoreWrite | 'close';

/** So many more writes have been tried, the oldest first. Once something has failed, nothing is written any more. */
export interface WriterResponse {
  readonly completed: number;
  readonly failure: string | undefined;
}

interface PendingWrite {
  readonly sequence: number;
  /** undefined where the record is to be removed. */
  readonly record: Uint8Array | undefined;
}

/** More than this is dropped: the disk does not keep up. */
const MAX_PENDING_BYTES = 64 * 1024 ** 2;

/** Hands writes to the thread that does them, which is started by the first one, and never throws. */
export class WriteQueue {
  readonly #data: WriterThreadData;
  readonly #onFailure: (problem: string, lostWrites: number) => void;
  readonly #pending = new Map<string, PendingWrite>();
  #pendingBytes = 0;
  #sentCount = 0;
  #completedCount = 0;
  #flushes: { readonly sequence: number; readonly resolve: () => void }[] = [];
  #thread: Worker | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #isBroken = false;
  #isClosing = false;

  /** @param onFailure told once, when nothing will be written any more: why, and how many writes are lost */
  constructor(data: WriterThreadData, onFailure: (problem: string, lostWrites: number) => void) {
    this.#data = data;
    this.#onFailure = onFailure;
  }

  /** The write that waits for this key, the newest. */
  pending(key: Uint8Array): { readonly record: Uint8Array | undefined } | undefined {
    return this.#pending.get(keyName(key));
  }

  /** @returns whether it will be tried; what is too much, or comes after a failure, is not */
  write(write: StoreWrite): boolean {
    const record = write.kind === 'put' ? write.record : undefined;
    const bytes = record?.byteLength ?? 0;
    if (this.#isBroken || this.#isClosing || bytes > maxBatchBytes(this.#data.maxBytes)) return false;
    if (this.#pendingBytes + bytes > MAX_PENDING_BYTES) return false;
    this.#thread ??= this.#start();
    // Of bytes that are a part of a pool, all of the pool would be copied.
    this.#thread.postMessage({ ...write, key: Uint8Array.from(write.key) } satisfies WriterRequest);
    this.#thread.ref();
    const name = keyName(write.key);
    this.#forget(name);
    this.#pending.set(name, { sequence: ++this.#sentCount, record });
    this.#pendingBytes += bytes;
    return true;
  }

  /** Resolves when every write so far has been tried. */
  flush(): Promise<void> {
    if (this.#completedCount === this.#sentCount) return Promise.resolve();
    return new Promise((resolve) => this.#flushes.push({ sequence: this.#sentCount, resolve }));
  }

  async close(): Promise<void> {
    await this.flush();
    this.#isClosing = true;
    this.#thread?.ref();
    this.#thread?.postMessage('close' satisfies WriterRequest);
    await this.#exited;
  }

  #start(): Worker {
    const thread = new Worker(path.join(import.meta.dirname, 'writer-thread.ts'), { workerData: this.#data });
    thread.on('message', ({ completed, failure }: WriterResponse) => {
      // After a failure, all that was sent counts as done.
      if (this.#isBroken) return;
      if (failure === undefined) this.#markCompleted(this.#completedCount + completed);
      else this.#fail(failure);
    });
    thread.on('error', (error) => this.#fail(firstLine(error)));
    this.#exited = new Promise((resolve) => thread.once('exit', resolve));
    thread.once('exit', () => this.#fail('its thread has ended'));
    return thread;
  }

  #markCompleted(completedCount: number): void {
    this.#completedCount = completedCount;
    for (const [name, { sequence }] of this.#pending) {
      if (sequence > completedCount) break;
      this.#forget(name);
    }
    for (const { resolve } of this.#flushes.filter(({ sequence }) => sequence <= completedCount)) resolve();
    this.#flushes = this.#flushes.filter(({ sequence }) => sequence > completedCount);
    // A process that has nothing else to do may end.
    if (completedCount === this.#sentCount && !this.#isClosing) this.#thread?.unref();
  }

  #forget(name: string): void {
    this.#pendingBytes -= this.#pending.get(name)?.record?.byteLength ?? 0;
    this.#pending.delete(name);
  }

  #fail(problem: string): void {
    if (!this.#isBroken && !this.#isClosing) this.#onFailure(problem, this.#sentCount - this.#completedCount);
    this.#isBroken = true;
    this.#markCompleted(this.#sentCount);
  }
}

function keyName(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
