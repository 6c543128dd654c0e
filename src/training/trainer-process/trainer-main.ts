/** The process that trains. Without whoever started it, it ends before it could write over what a successor does. */
import path from 'node:path';
import { bridgeToWorkerThread } from '../../process/worker-thread-bridge.ts';

bridgeToWorkerThread('panelvec-trainer', path.join(import.meta.dirname, 'trainer-worker.ts'));
