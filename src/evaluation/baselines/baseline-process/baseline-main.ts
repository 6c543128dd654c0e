/** The program of a process that trains the first version, or computes vectors of a baseline. It ends with its parent. */
import path from 'node:path';
import { bridgeToWorkerThread } from '../../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-trainer', path.join(import.meta.dirname, 'baseline-worker.ts'));
