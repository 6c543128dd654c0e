/** The program of a process that trains the first version. It ends with its parent. */
import path from 'node:path';
import { bridgeToWorkerThread } from '../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-trainer', path.join(import.meta.dirname, 'v1-trainer-worker.ts'));
