import { Worker } from 'node:worker_threads';
import { firstLine } from '../errors.ts';
import { codeFile } from '../process/code-file.ts';
import { workerEndpoint } from '../process/endpoint.ts';
import { RpcClient } from '../process/rpc.ts';
import { maxBatchBytes } from './feature-database.ts';
import type { StoreWrite } from './feature-store.ts';
import type { WriterMethods, WriterThreadData } from './writer-messages.ts';

interface PendingWrite {
  readonly sequence: number;
  /** Undefined where the record is to be removed */
  readonly record: Uint8Array | undefined;
}

interface Writer {
  readonly thread: Worker;
  readonly rpc: RpcClient<WriterMethods>;
  readonly exited: Promise<string>;
}

/** Writes that would need more memory are dropped: the disk does not keep up. */
const MAX_PENDING_BYTES = 64 * 1024 ** 2;

/**
 * Hands writes to a thread, which the first write starts, and never throws. One batch is with the thread at a time; the
 * writes that arrive meanwhile are the next batch, because a commit costs the same for many. A failed batch is the last
 * one: a disk that is full or a file that is damaged would fail the next ones too, and each would wait for it.
 */
export class WriteQueue {
  readonly #data: WriterThreadData;
  readonly #onFailure: (problem: string, lostWrites: number) => void;
  /** By key, the newest write that is not done yet */
  readonly #pending = new Map<string, PendingWrite>();
  #pendingBytes = 0;
  #unsent: StoreWrite[] = [];
  #acceptedCount = 0;
  #completedCount = 0;
  #flushes: { readonly sequence: number; readonly resolve: () => void }[] = [];
  #writer: Writer | undefined;
  #isSending = false;
  #isBroken = false;
  #isClosing = false;

  /** @param onFailure called once, when nothing will be written any more, with the reason and the number of lost writes */
  constructor(data: WriterThreadData, onFailure: (problem: string, lostWrites: number) => void) {
    this.#data = data;
    this.#onFailure = onFailure;
  }

  /** The newest write that waits for this key. */
  pending(key: Uint8Array): { readonly record: Uint8Array | undefined } | undefined {
    return this.#pending.get(keyName(key));
  }

  /** @returns whether it will be tried; what is too large, too much, or comes after a failure, is not */
  write(write: StoreWrite): boolean {
    const record = write.kind === 'put' ? write.record : undefined;
    const bytes = record?.byteLength ?? 0;
    if (this.#isBroken || this.#isClosing || bytes > maxBatchBytes(this.#data.maxBytes)) return false;
    if (this.#pendingBytes + bytes > MAX_PENDING_BYTES) return false;
    const name = keyName(write.key);
    this.#forget(name);
    this.#pending.set(name, { sequence: ++this.#acceptedCount, record });
    this.#pendingBytes += bytes;
    // A key may be a view of a shared buffer, all of which would be copied to the thread.
    this.#unsent.push({ ...write, key: Uint8Array.from(write.key) });
    if (!this.#isSending) void this.#sendBatches();
    return true;
  }

  /** Resolves when every write so far has been tried. */
  flush(): Promise<void> {
    if (this.#completedCount === this.#acceptedCount) return Promise.resolve();
    return new Promise((resolve) => this.#flushes.push({ sequence: this.#acceptedCount, resolve }));
  }

  async close(): Promise<void> {
    await this.flush();
    this.#isClosing = true;
    if (this.#writer === undefined) return;
    this.#writer.thread.ref();
    // It fails where the thread has ended already.
    await this.#writer.rpc.request('close', undefined).catch(() => {});
    await this.#writer.exited;
  }

  async #sendBatches(): Promise<void> {
    this.#isSending = true;
    this.#writer ??= this.#startWriter();
    const { thread, rpc } = this.#writer;
    thread.ref();
    // Writes of one turn of the event loop go together.
    await Promise.resolve();
    try {
      while (this.#unsent.length > 0) {
        const batch = this.#takeBatch();
        await rpc.request('write', batch);
        this.#markCompleted(this.#completedCount + batch.length);
      }
    } catch (error) {
      this.#fail(firstLine(error));
    }
    this.#isSending = false;
    // A process that has nothing else to do may end.
    if (!this.#isClosing) thread.unref();
  }

  #takeBatch(): StoreWrite[] {
    const limit = maxBatchBytes(this.#data.maxBytes);
    let bytes = 0;
    const end = this.#unsent.findIndex((write) => {
      const isFull = bytes >= limit;
      bytes += write.kind === 'put' ? write.record.byteLength : 0;
      return isFull;
    });
    return this.#unsent.splice(0, end === -1 ? this.#unsent.length : end);
  }

  #startWriter(): Writer {
    const thread = new Worker(codeFile(import.meta, 'writer-thread'), { workerData: this.#data });
    const endpoint = workerEndpoint(thread);
    const rpc = new RpcClient<WriterMethods>(endpoint, (reason) => new Error(`the writer thread ended (${reason})`));
    const exited = endpoint.closed;
    void exited.then((reason) => this.#fail(`the writer thread ended (${reason})`));
    return { thread, rpc, exited };
  }

  #markCompleted(completedCount: number): void {
    this.#completedCount = completedCount;
    for (const [name, { sequence }] of this.#pending) {
      if (sequence > completedCount) break;
      this.#forget(name);
    }
    for (const { resolve } of this.#flushes.filter(({ sequence }) => sequence <= completedCount)) resolve();
    this.#flushes = this.#flushes.filter(({ sequence }) => sequence > completedCount);
  }

  #forget(name: string): void {
    this.#pendingBytes -= this.#pending.get(name)?.record?.byteLength ?? 0;
    this.#pending.delete(name);
  }

  #fail(problem: string): void {
    if (!this.#isBroken && !this.#isClosing) this.#onFailure(problem, this.#acceptedCount - this.#completedCount);
    this.#isBroken = true;
    this.#unsent = [];
    this.#markCompleted(this.#acceptedCount);
  }
}

function keyName(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
