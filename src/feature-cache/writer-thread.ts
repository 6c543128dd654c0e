/**
 * The thread that writes: LMDB waits for other writers and for the disk, and the event loop must not. A failed write is
 * the last one: after some failures, LMDB cannot be used any more without a crash, and it does not tell which they were.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { firstLine } from '../errors.ts';
import { openFeatureStore } from './feature-store.ts';
import { applyWrites, maxBatchBytes, type StoreWrite } from './store-writes.ts';
import type { WriterRequest, WriterResponse, WriterThreadData } from './write-queue.ts';

const { folder, maxBytes } = workerData as WriterThreadData;
const store = openFeatureStore(folder, maxBytes);
const port = parentPort!;
let failure: string | undefined;

port.on('message', (firstRequest: WriterRequest) => {
  for (let request: WriterRequest | undefined = firstRequest; request !== undefined; ) {
    if (request === 'close') {
      port.close();
      void store.environment.close();
      return;
    }
    const writes: StoreWrite[] = [request];
    let bytes = writeBytes(request);
    // What has come meanwhile goes with it: a commit costs the same for many.
    for (
      request = receiveRequest();
      request !== undefined && request !== 'close' && bytes < maxBatchBytes(maxBytes);
      request = receiveRequest()
    ) {
      writes.push(request);
      bytes += writeBytes(request);
    }
    applyAndReport(writes);
  }
});

function receiveRequest(): WriterRequest | undefined {
  return receiveMessageOnPort(port)?.message;
}

function applyAndReport(writes: readonly StoreWrite[]): void {
  try {
    if (failure === undefined) applyWrites(store, writes);
  } catch (error) {
    failure = firstLine(error);
  }
  port.postMessage({ completed: writes.length, failure } satisfies WriterResponse);
}

function writeBytes(write: StoreWrite): number {
  return write.kind === 'put' ? write.record.byteLength : write.value.byteLength;
}
