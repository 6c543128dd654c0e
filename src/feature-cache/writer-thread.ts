/** The thread that writes: SQLite waits for other writers and for the disk, and the event loop must not. */
import { parentPort, workerData } from 'node:worker_threads';
import { parentPortEndpoint } from '../process/endpoint.ts';
import { serveRpc } from '../process/rpc.ts';
import { FeatureStore } from './feature-store.ts';
import type { WriterMethods, WriterThreadData } from './writer-messages.ts';

const { file, maxBytes } = workerData as WriterThreadData;
const store = new FeatureStore(file, maxBytes, 'writer');

serveRpc<WriterMethods>(parentPortEndpoint(), {
  write: (writes) => store.write(writes),
  close() {
    store.close();
    parentPort?.unref();
  },
});
