/** The program of a training process. It ends with its parent, so it cannot overwrite what the next training writes. */
import path from 'node:path';
import { bridgeToWorkerThread } from '../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-trainer', path.join(import.meta.dirname, 'trainer-worker.ts'));
