/**
 * The engine process. The next batch's megabytes of pixels have been received when the one that runs in the thread ends. A
 * process of its own, because it can be killed without harm.
 */
import path from 'node:path';
import { bridgeToWorkerThread } from '../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-engine', path.join(import.meta.dirname, 'engine-worker.ts'));
