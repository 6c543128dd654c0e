/** The thread that writes: LMDB waits for other writers and for the disk, and the event loop must not. */
import { parentPort, workerData } from 'node:worker_threads';
import { parentPortEndpoint } from '../process/endpoint.ts';
import { serveRpc } from '../process/rpc.ts';
import { openFeatureStore } from './feature-store.ts';
import { applyWrites } from './store-writes.ts';
import type { WriterMethods, WriterThreadData } from './writer-messages.ts';

const { folder, maxBytes } = workerData as WriterThreadData;
const store = openFeatureStore(folder, maxBytes);

serveRpc<WriterMethods>(parentPortEndpoint(), {
  write: (writes) => applyWrites(store, writes),
  async close() {
    await store.environment.close();
    parentPort?.unref();
  },
});
