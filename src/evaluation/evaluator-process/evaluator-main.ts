/** The program of an evaluation process: vectors and measures take long, and a worker must stay responsive. */
import path from 'node:path';
import { bridgeToWorkerThread } from '../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-evaluator', path.join(import.meta.dirname, 'evaluator-worker.ts'));
