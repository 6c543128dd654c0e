/**
 * The thread that writes: LMDB waits for other writers and for the disk, and the event loop must not. A failed write is
 * the last one: after some failures, LMDB cannot be used any more without a crash, and it does not tell which they were.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { oneLine } from '../errors.ts';
import { openStore } from './feature-store.ts';
import { batchBytes, type StoreWrite, writeAll } from './store-writes.ts';
import type { FromThread, ThreadData, ToThread } from './writer.ts';

const { folder, maxBytes } = workerData as ThreadData;
const store = openStore(folder, maxBytes);
const port = parentPort!;
let failed: string | undefined;

port.on('message', (first: ToThread) => {
  for (let next: ToThread | undefined = first; next !== undefined; ) {
    if (next === 'close') {
      port.close();
      void store.environment.close();
      return;
    }
    const batch: StoreWrite[] = [next];
    let bytes = sizeOf(next);
    // What has come meanwhile goes with it: a commit costs the same for many.
    for (next = received(); next !== undefined && next !== 'close' && bytes < batchBytes(maxBytes); next = received()) {
      batch.push(next);
      bytes += sizeOf(next);
    }
    answer(batch);
  }
});

function received(): ToThread | undefined {
  return receiveMessageOnPort(port)?.message;
}

function answer(batch: readonly StoreWrite[]): void {
  try {
    if (failed === undefined) writeAll(store, batch);
  } catch (error) {
    failed = oneLine(error);
  }
  port.postMessage({ done: batch.length, failed } satisfies FromThread);
}

function sizeOf(write: StoreWrite): number {
  return write.kind === 'put' ? write.record.byteLength : write.found.byteLength;
}
